#include "dns/tsig_queries.h"

namespace zw {

TsigChain& TsigQueries::chain_for(const TsigKey& key) {
  auto& chain = chains_[static_cast<std::size_t>(key.algorithm())];
  if (!chain) {
    auto hmac = key.hmac();
    ZW_ASSERT(hmac);  // the key was made with the same digest
    chain.emplace(key, std::move(*hmac));
  } else if (&chain->key() != &key) {
    chain->set_key(key);
  }
  chain->set_prior(TsigMac());
  return *chain;
}

std::size_t TsigQueries::sign(const TsigKey& key, MutableBytes room, std::size_t size, WallTime now,
                              TsigMac& mac) {
  return sign_request(chain_for(key), room, size, now, kTsigFudge, mac);
}

TsigQueries::Checked TsigQueries::check(const TsigKey& key, const TsigMac& mac, const MessageView& response,
                                        WallTime now) {
  TsigRecord record;
  MessageFault fault;
  TsigStatus status = TsigRecord::read(response, record, fault);
  if (status != TsigStatus::good) return {status};
  TsigChain& chain = chain_for(key);
  chain.set_prior(mac);
  status = judge_response(chain, response, record, true, now);
  return {status, record.error};
}

void TsigQueries::forget(const TsigKey& key) {
  auto& chain = chains_[static_cast<std::size_t>(key.algorithm())];
  if (chain && &chain->key() == &key) chain.reset();
}

}  // namespace zw
