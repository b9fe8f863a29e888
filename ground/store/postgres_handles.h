// The door to libpq: handles that close themselves, and PostgreSQL's errors as ours. Not for other rooms.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zw {

struct ClosePostgres {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearPostgres {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresHandle = std::unique_ptr<PGconn, ClosePostgres>;
using PostgresResult = std::unique_ptr<PGresult, ClearPostgres>;

/// Opens a connection as we need it: UTF-8, commits that wait for the disk, no talk on stderr.
Result<PostgresHandle> open_postgres(const std::string& uri);

/// One statement without values.
Result<PostgresResult> execute_postgres(std::string_view subject, PGconn* connection, const char* sql);

/// What a result, or a lost connection, says. `subject`: what was tried.
std::unexpected<Error> fail_postgres(std::string_view subject, PGconn* connection, const PGresult* result);
/// Whether it failed only since another transaction came before it.
bool lost_race(const PGresult* result);
/// Whether the connection is of no use any more. libpq's own status does not always say so.
bool is_broken(const PGresult* result);

}  // namespace zw
