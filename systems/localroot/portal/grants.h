// Sets that are read by many threads without a lock while they grow and shrink: a change makes a new set that
// shares all but the touched pieces with the one before. Who holds one, holds all of it.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace zw::localroot::portal {

/// Of (who, what) with counts, as a grant may be made several times: `What` may be done by `Who`.
template <typename Who, typename What>
class Grants {
  static constexpr std::size_t kPieces = 1024;
  struct Grant {
    std::pair<Who, What> pair;
    std::int32_t count;
  };
  using Piece = std::shared_ptr<const std::vector<Grant>>;

 public:
  bool has(const Who& who, const What& what) const {
    const auto& piece = pieces_[place_of(who)];
    return piece && std::ranges::binary_search(*piece, std::pair(who, what), {}, &Grant::pair);
  }
  /// The first that `who` may; absent if he may nothing.
  std::optional<What> first(const Who& who) const {
    const auto& piece = pieces_[place_of(who)];
    if (!piece) return std::nullopt;
    auto at = std::ranges::lower_bound(*piece, who, {}, [](const Grant& grant) { return grant.pair.first; });
    return at != piece->end() && at->pair.first == who ? std::optional(at->pair.second) : std::nullopt;
  }
  std::size_t size() const {
    std::size_t out = 0;
    for (const auto& piece : pieces_) out += piece ? piece->size() : 0;
    return out;
  }

  /// Collects changes, for one thread.
  class Changes {
   public:
    void add(const Who& who, const What& what) { note(who, what, 1); }
    void remove(const Who& who, const What& what) { note(who, what, -1); }
    bool any() const { return !touched_.empty(); }
    /// Applies them to `to` and forgets them.
    void apply(Grants& to) {
      for (std::size_t place : touched_) {
        to.pieces_[place] = merged(to.pieces_[place], pending_[place]);
        std::vector<Grant>().swap(pending_[place]);
      }
      touched_.clear();
    }

   private:
    void note(const Who& who, const What& what, std::int32_t count) {
      std::size_t place = place_of(who);
      if (pending_[place].empty()) touched_.push_back(place);
      pending_[place].push_back({{who, what}, count});
    }

    std::vector<std::vector<Grant>> pending_ = std::vector<std::vector<Grant>>(kPieces);
    std::vector<std::size_t> touched_;
  };

 private:
  static std::size_t place_of(const Who& who) {
    return (std::hash<Who>()(who) * 0x9e3779b97f4a7c15u >> 32) % kPieces;
  }
  static Piece merged(const Piece& before, std::vector<Grant>& pending) {
    std::vector<Grant> all;
    all.reserve((before ? before->size() : 0) + pending.size());
    if (before) all = *before;
    all.insert(all.end(), pending.begin(), pending.end());
    std::ranges::sort(all, {}, &Grant::pair);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < all.size(); ++kept) {
      Grant sum = all[i];
      while (++i < all.size() && all[i].pair == sum.pair) sum.count += all[i].count;
      all[kept] = sum;
      if (sum.count <= 0) --kept;
    }
    all.resize(kept);
    return std::make_shared<const std::vector<Grant>>(std::move(all));
  }

  std::array<Piece, kPieces> pieces_{};
};

}  // namespace zw::localroot::portal
