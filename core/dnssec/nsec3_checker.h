// Checks that each name of a zone has its NSEC3 record: empty non-terminals too, and with opt-out perhaps not
// the delegations without DS (RFC 5155 §7.1).
#pragma once

#include <vector>

#include "dnssec/nsec3_chain.h"
#include "zone/cuts.h"

namespace zw {

class Nsec3Checker {
 public:
  explicit Nsec3Checker(const std::vector<Nsec3Chain>& chains) : chains_(chains) {}

  /// Checks the node at `at`, which is not occluded, and the empty non-terminals between it and the node
  /// before. `owner`: its whole name in lower case.
  void check(NodeTree::Cursor at, NodeKind kind, NameView owner, Findings& findings);

 private:
  void check_empty_non_terminals(NodeTree::Cursor at, NameView owner, Findings& findings);
  // The record of `name`, marked. `may_lack()`: whether an opt-out record that covers it is enough.
  template <typename MayLack>
  std::optional<Nsec3View> match(const Nsec3Chain& chain, NameView name, MayLack&& may_lack,
                                 Findings& findings);

  const std::vector<Nsec3Chain>& chains_;
  std::vector<RrType> types_, with_nsec_;  // scratch
};

}  // namespace zw
