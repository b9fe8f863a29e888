// Who waits for a transfer from a primary: so many zones are fetched from one server at once, and no more, as
// servers bound the connections of a client (64 here, 10 transfers in BIND). Without this, thousands of zones
// that begin together would mostly be refused, and wait for their retry.
//
// Everything happens on the loop's thread. The line outlives its places.
#pragma once

#include <deque>
#include <functional>
#include <map>

#include "dns/address.h"
#include "net/loop.h"

namespace zw {

class FetchLine {
 public:
  explicit FetchLine(Loop& loop, std::size_t most_at_once = 10) : loop_(loop), most_(most_at_once) {}
  FetchLine(const FetchLine&) = delete;
  FetchLine& operator=(const FetchLine&) = delete;

  enum class Urgency : std::uint8_t {
    new_zone,
    update,  // of a zone that is served: before all that are new
  };

  /// A place in the line; given back when it is destroyed.
  class Place {
   public:
    Place() = default;
    ~Place() { leave(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    /// Leaves the place that it has. `go` is called once, when it is its turn: at once, or from the loop.
    /// Null for a line: there is none, and it goes at once.
    void enter(FetchLine* line, const Address& primary, Urgency urgency, std::function<void()> go);
    /// Has ended, or does not want to any more.
    void leave();

   private:
    friend class FetchLine;
    FetchLine* line_ = nullptr;
    Address primary_;
    std::function<void()> go_;  // while it waits
  };

 private:
  struct Lane {
    std::size_t going = 0;
    std::deque<Place*> updates, new_zones;  // that wait
    std::deque<Place*>& of(Urgency urgency) { return urgency == Urgency::update ? updates : new_zones; }
    Place* next();
  };
  void admit(const Address& primary);
  void admit_soon(const Address& primary);

  Loop& loop_;
  std::size_t most_;
  std::map<Address, Lane> lanes_;
};

}  // namespace zw
