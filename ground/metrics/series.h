// How Metrics keeps its series. Not for other rooms.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "metrics/metrics.h"

namespace zw {

/// Cells of one owner. Chunks fill whole lines of memory, so owners never share one.
struct Metrics::Arena {
  struct alignas(64) Chunk {
    MetricCell cells[64];
  };
  std::vector<std::unique_ptr<Chunk>> chunks;
  std::size_t used = std::size(Chunk().cells);

  std::span<MetricCell> take(std::size_t cells) {
    std::size_t room = std::size(Chunk().cells);
    ZW_ASSERT(cells <= room);
    if (used + cells > room) {
      chunks.push_back(std::make_unique<Chunk>());
      used = 0;
    }
    return std::span(chunks.back()->cells).subspan(std::exchange(used, used + cells), cells);
  }
};

struct Metrics::Series {
  MetricLabels labels;
  std::vector<std::span<MetricCell>> by_owner;  // empty where the owner has not asked
  bool retired = false;

  std::uint64_t sum(std::size_t cell) const {
    std::uint64_t total = 0;
    for (auto cells : by_owner)
      if (!cells.empty()) total += cells[cell].load(std::memory_order_relaxed);
    return total;
  }
};

struct Metrics::Family {
  Type type;
  std::string name;
  std::string help;
  std::vector<double> bounds;
  std::vector<std::unique_ptr<Series>> series;
};

}  // namespace zw
