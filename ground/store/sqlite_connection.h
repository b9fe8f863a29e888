// SQLite: one file, WAL, every commit synced. Not for other rooms.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "store/connection.h"

namespace zw {

/// The one that writes, or one that only reads. The writer makes the file (for its owner alone) if it is not
/// there, and says `refused` to a database of another program. `wait`: for another process that writes.
Result<std::unique_ptr<SqlConnection>> connect_sqlite(const std::string& path, bool writer,
                                                      std::chrono::milliseconds wait);

/// A copy of the database as it is now, made aside, checked, synced, and moved to `copy`, which it replaces.
/// Writers go on meanwhile.
Result<void> copy_sqlite(const std::string& path, const std::string& copy);

}  // namespace zw
