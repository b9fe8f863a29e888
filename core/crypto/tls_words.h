// What went wrong in TLS, for a person. For this room only.
#pragma once

#include <openssl/ssl.h>

#include "base/result.h"

namespace zw {

/// From the session and the errors that this thread's libssl has queued, which are then cleared.
Error tls_error(const SSL* session);
/// The newest of the queued errors, which are then cleared.
std::string last_tls_error();

}  // namespace zw
