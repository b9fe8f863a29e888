#include "dnssec/records.h"

namespace zw {
namespace {

// The fields that NSEC3 and NSEC3PARAM begin with. Gives the octets that they take, or 0.
std::size_t read_parameters(Bytes rdata, Nsec3Parameters& parameters, std::uint8_t& flags) {
  if (rdata.size() < 5 || rdata.size() < 5u + rdata[4]) return 0;
  parameters = {rdata[0], get16(&rdata[2]), rdata.subspan(5, rdata[4])};
  flags = rdata[1];
  return 5u + rdata[4];
}

}  // namespace

std::optional<RrsigView> RrsigView::parse(Bytes rdata) {
  if (rdata.size() < kSignerOffset) return std::nullopt;
  auto signer = NameView::read(rdata.subspan(kSignerOffset));
  return signer ? std::optional(RrsigView(rdata, *signer)) : std::nullopt;
}

std::optional<DnskeyView> DnskeyView::parse(Bytes rdata) {
  return rdata.size() >= 4 ? std::optional(DnskeyView(rdata)) : std::nullopt;
}

std::uint16_t DnskeyView::key_tag() const {
  // Appendix B.1: RSA/MD5 takes octets of the modulus instead of the sum.
  if (rdata_[3] == 1) return rdata_.size() >= 7 ? get16(&rdata_[rdata_.size() - 3]) : std::uint16_t{0};
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < rdata_.size(); ++i) sum += i & 1 ? rdata_[i] : std::uint32_t{rdata_[i]} << 8;
  return static_cast<std::uint16_t>(sum + (sum >> 16));
}

std::optional<DsView> DsView::parse(Bytes rdata) {
  return rdata.size() > 4 ? std::optional(DsView(rdata)) : std::nullopt;
}

std::optional<NsecView> NsecView::parse(Bytes rdata) {
  auto next = NameView::read(rdata);
  if (!next) return std::nullopt;
  auto types = TypeBitmap::parse(rdata.subspan(next->size()));
  return types ? std::optional(NsecView(*next, *types)) : std::nullopt;
}

std::optional<Nsec3View> Nsec3View::parse(Bytes rdata) {
  Nsec3View view;
  std::size_t at = read_parameters(rdata, view.parameters_, view.flags_);
  if (at == 0 || rdata.size() <= at || rdata[at] == 0 || rdata.size() < at + 1 + rdata[at])
    return std::nullopt;
  view.next_ = rdata.subspan(at + 1, rdata[at]);
  auto types = TypeBitmap::parse(rdata.subspan(at + 1 + rdata[at]));
  if (!types) return std::nullopt;
  view.types_ = *types;
  return view;
}

std::optional<Nsec3ParamView> Nsec3ParamView::parse(Bytes rdata) {
  Nsec3ParamView view;
  std::size_t size = read_parameters(rdata, view.parameters_, view.flags_);
  return size != 0 && size == rdata.size() ? std::optional(view) : std::nullopt;
}

std::optional<ZonemdView> ZonemdView::parse(Bytes rdata) {
  return rdata.size() > 6 ? std::optional(ZonemdView(rdata)) : std::nullopt;
}

}  // namespace zw
