// The tables of the portal. `Schema` "portal" goes to Database::open().
#pragma once

#include "store/migration.h"

namespace zw::localroot::portal {

extern const Schema kPortalSchema;

}  // namespace zw::localroot::portal
