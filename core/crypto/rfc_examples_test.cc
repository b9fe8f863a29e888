#include "crypto/rfc_examples.h"

#include <doctest/doctest.h>

#include "base/encoding.h"
#include "base/time.h"

namespace zw::test {
namespace {

struct Signed {  // the fields of an RRSIG, and one record
  std::string_view owner, signer;
  std::uint16_t type;
  std::uint8_t algorithm, labels;
  std::string_view expiration, inception;
  std::uint16_t key_tag;
  Buffer rdata;
};

void put_name(Buffer& out, std::string_view name) {
  while (!name.empty()) {
    std::size_t dot = name.find('.');
    out.push_back(static_cast<std::uint8_t>(dot));
    out.insert(out.end(), name.begin(), name.begin() + static_cast<std::ptrdiff_t>(dot));
    name.remove_prefix(dot + 1);
  }
  out.push_back(0);
}
void put16(Buffer& out, unsigned v) {
  out.push_back(static_cast<std::uint8_t>(v >> 8));
  out.push_back(static_cast<std::uint8_t>(v));
}
void put32(Buffer& out, std::uint32_t v) {
  put16(out, v >> 16);
  put16(out, v & 0xffff);
}
void put_time(Buffer& out, std::string_view time) {
  put32(out, static_cast<std::uint32_t>(parse_time(time)->time_since_epoch().count()));
}

constexpr std::uint32_t kTtl = 3600;

Buffer compose(const Signed& s) {
  Buffer out;
  put16(out, s.type);
  out.push_back(s.algorithm);
  out.push_back(s.labels);
  put32(out, kTtl);
  put_time(out, s.expiration);
  put_time(out, s.inception);
  put16(out, s.key_tag);
  put_name(out, s.signer);
  put_name(out, s.owner);
  put16(out, s.type);
  put16(out, 1);  // IN
  put32(out, kTtl);
  put16(out, static_cast<unsigned>(s.rdata.size()));
  out.insert(out.end(), s.rdata.begin(), s.rdata.end());
  return out;
}

Buffer address_record(std::uint8_t algorithm, std::uint8_t last, std::string_view expiration,
                      std::string_view inception, std::uint16_t key_tag) {
  return compose({"www.example.net.",
                  "example.net.",
                  1,
                  algorithm,
                  3,
                  expiration,
                  inception,
                  key_tag,
                  {192, 0, 2, last}});
}

// RFC 8080 prints these with 3 labels and without the algorithm; its erratum 4935 gives the signatures with
// the 2 labels that "example.com." has, which are the ones used here.
Buffer mail_record(std::uint8_t algorithm, std::uint16_t key_tag) {
  Buffer rdata = {0, 10};
  put_name(rdata, "mail.example.com.");
  return compose(
      {"example.com.", "example.com.", 15, algorithm, 2, "20150819220000", "20150729220000", key_tag, rdata});
}

}  // namespace

Buffer from_base16(std::string_view text) {
  Buffer out;
  REQUIRE(decode_base16(text, out));
  return out;
}

Buffer from_base64(std::string_view text) {
  Buffer out;
  REQUIRE(decode_base64(text, out));
  return out;
}

std::vector<RfcExample> rfc_examples() {
  using enum DnssecAlgorithm;
  return {
      {RSASHA256,
       "Private-key-format: v1.2\n"
       "Algorithm:       8 (RSASHA256)\n"
       "Modulus:         "
       "wVwaxrHF2CK64aYKRUibLiH30KpPuPBjel7E8ZydQW1HYWHfoGmidzC2RnhwCC293hCzw+TFR2nqn8OVSY5t2Q==\n"
       "PublicExponent:  AQAB\n"
       "PrivateExponent: "
       "UR44xX6zB3eaeyvTRzmskHADrPCmPWnr8dxsNwiDGHzrMKLN+i/HAam+97HxIKVWNDH2ba9Mf1SA8xu9dcHZAQ==\n"
       "Prime1:          4c8IvFu1AVXGWeFLLFh5vs7fbdzdC6U82fduE6KkSWk=\n"
       "Prime2:          2zZpBE8ZXVnL74QjG4zINlDfH+EOEtjJJ3RtaYDugvE=\n"
       "Exponent1:       G2xAPFfK0KGxGANDVNxd1K1c9wOmmJ51mGbzKFFNMFk=\n"
       "Exponent2:       GYxP1Pa7CAwtHm8SAGX594qZVofOMhgd6YFCNyeVpKE=\n"
       "Coefficient:     icQdNRjlZGPmuJm2TIadubcO8X7V4y07aVhX464tx8Q=\n",
       "AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk=",
       "kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bwg==",
       address_record(8, 91, "20300101000000", "20000101000000", 9033), true},
      {RSASHA512,
       "Private-key-format: v1.2\n"
       "Algorithm:       10 (RSASHA512)\n"
       "Modulus:         "
       "0eg1M5b563zoq4k5ZEOnWmd2/BvpjzedJVdfIsDcMuuhE5SQ3pfQ7qmdaeMlC6Nf8DKGoUPGPXe06cP27/WRODtxXqu"
       "SUytkO0kJDk8KX8PtA0+yBWwy7UnZDyCkynO00Uuk8HPVtZeMO1pHtlAGVnc8VjXZlNKdyit99waaE4s=\n"
       "PublicExponent:  AQAB\n"
       "PrivateExponent: "
       "rFS1IPbJllFFgFc33B5DDlC1egO8e81P4fFadODbp56V7sphKa6AZQCx8NYAew6VXFFPAKTw41QdHnK5kIYOwxvfFDj"
       "DcUGza88qbjyrDPSJenkeZbISMUSSqy7AMFzEolkk6WSn6k3thUVRgSlqDoOV3SEIAsrB043XzGrKIVE=\n"
       "Prime1:          "
       "8mbtsu9Tl9v7tKSHdCIeprLIQXQLzxlSZun5T1n/OjvXSUtvD7xnZJ+LHqaBj1dIgMbCq2U8O04QVcK3TS9GiQ==\n"
       "Prime2:          "
       "3a6gkfs74d0Jb7yL4j4adAif4fcp7ZrGt7G5NRVDDY/Mv4TERAKMa0TKN3okKE0A7X+Rv2K84mhT4QLDlllEcw==\n"
       "Exponent1:       "
       "v3D5A9uuCn5rgVR7wgV8ba0/KSpsdSiLgsoA42GxiB1gvvs7gJMMmVTDu/ZG1p1ZnpLbhh/S/Qd/MSwyNlxC+Q==\n"
       "Exponent2:       "
       "m+ezf9dsDvYQK+gzjOLWYeKq5xWYBEYFGa3BLocMiF4oxkzOZ3JPZSWU/h1Fjp5RV7aPP0Vmx+hNjYMPIQ8Y5w==\n"
       "Coefficient:     "
       "Je5YhYpUron/WdOXjxNAxDubAp3i5X7UOUfhJcyIggqwY86IE0Q/Bk0Dw4SC9zxnsimmdBXW2Izd8Lwuk8FQcQ==\n",
       "AwEAAdHoNTOW+et86KuJOWRDp1pndvwb6Y83nSVXXyLA3DLroROUkN6X0O6pnWnjJQujX/AyhqFDxj13tOnD9u/"
       "1kTg7cV6rklMrZDtJCQ5P"
       "Cl/D7QNPsgVsMu1J2Q8gpMpztNFLpPBz1bWXjDtaR7ZQBlZ3PFY12ZTSncorffcGmhOL",
       "tsb4wnjRUDnB1BUi+t6TMTXThjVnG+eCkWqjvvjhzQL1d0YRoOe0CbxrVDYd0xDtsuJRaeUw1ep94PzEWzr0iGYgZBWm/"
       "zpq+9fOuagYJRfD"
       "qfReKBzMweOLDiNa8iP5g9vMhpuv6OPlvpXwm9Sa9ZXIbNl1MBGk0fthPgxdDLw=",
       address_record(10, 91, "20300101000000", "20000101000000", 3740), true},
      {ECDSAP256SHA256,
       "Private-key-format: v1.2\n"
       "Algorithm: 13 (ECDSAP256SHA256)\n"
       "PrivateKey: GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=\n",
       "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==",
       "qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==",
       address_record(13, 1, "20100909100439", "20100812100439", 55648), false},
      {ECDSAP384SHA384,
       "Private-key-format: v1.2\n"
       "Algorithm: 14 (ECDSAP384SHA384)\n"
       "PrivateKey: WURgWHCcYIYUPWgeLmiPY2DJJk02vgrmTfitxgqcL4vwW7BOrbawVmVe0d9V94SR\n",
       "xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/"
       "uX45NBwY8rp65F6Glur"
       "8I/mlVNgF6W/qTI37m40",
       "/L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL"
       "5bdcJzu"
       "sdnI0RSMROxxwGipWcJm",
       address_record(14, 1, "20100909102025", "20100812102025", 10771), false},
      {ED25519,
       "Private-key-format: v1.2\n"
       "Algorithm: 15 (ED25519)\n"
       "PrivateKey: ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=\n",
       "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=",
       "oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==",
       mail_record(15, 3613), true},
      {ED25519,
       "Private-key-format: v1.2\n"
       "Algorithm: 15 (ED25519)\n"
       "PrivateKey: DSSF3o0s0f+ElWzj9E/Osxw8hLpk55chkmx0LYN5WiY=\n",
       "zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs=",
       "zXQ0bkYgQTEFyfLyi9QoiY6D8ZdYo4wyUhVioYZXFdT410QPRITQSqJSnzQoSm5poJ7gD7AQR0O7KuI5k2pcBg==",
       mail_record(15, 35217), true},
      {ED448,
       "Private-key-format: v1.2\n"
       "Algorithm: 16 (ED448)\n"
       "PrivateKey: xZ+5Cgm463xugtkY5B0Jx6erFTXp13rYegst0qRtNsOYnaVpMx0Z/c5EiA9x8wWbDDct/U3FhYWA\n",
       "3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx1FYYUcJKm1MDpJtIA",
       "3cPAHkmlnxcDHMyg7vFC34l0blBhuG1qpwLmjInI8w1CMB29FkEAIJUA0amxWndkmnBZ6SKiwZSAxGILn/"
       "NBtOXft0+Gj7FSvOKxE/07+4RQ"
       "vE581N3Aj/JtIyaiYVdnYtyMWbSNyGEY2213WKsJlwEA",
       mail_record(16, 9713), true},
      {ED448,
       "Private-key-format: v1.2\n"
       "Algorithm: 16 (ED448)\n"
       "PrivateKey: WEykD3ht3MHkU8iH4uVOLz8JLwtRBSqiBoM6fF72+Mrp/u5gjxuB1DV6NnPO2BlZdz4hdSTkOdOA\n",
       "kkreGWoccSDmUBGAe7+zsbG6ZAFQp+syPmYUurBRQc3tDjeMCJcVMRDmgcNLp5HlHAMy12VoISsA",
       "E1/oLjSGIbmLny/4fcgM1z4oL6aqo+izT3urCyHyvEp4Sp8Syg1eI+lJ57CSnZqjJP41O/"
       "9l4m0AsQ4f7qI1gVnML8vWWiyW2KXhT9kuAICU"
       "Sxv5OWbf81Rq7Yu60npabODB0QFPb/rkW3kUZmQ0YQUA",
       mail_record(16, 38353), true},
  };
}

}  // namespace zw::test
