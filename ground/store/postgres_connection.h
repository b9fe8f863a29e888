// PostgreSQL by libpq: statements are prepared once, rows come as they are made, many runs of one statement
// go out together. Not for other rooms.
#pragma once

#include <memory>
#include <string>

#include "store/connection.h"

namespace zw {

Result<std::unique_ptr<SqlConnection>> connect_postgres(const std::string& uri);

}  // namespace zw
