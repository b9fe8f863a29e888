// The tables of this room. Not for other rooms.
#pragma once

#include "store/migration.h"

namespace zw {

extern const Schema kRoomSchema;

}  // namespace zw
