// The script that works off the tickets of a page (work_ticket.h): a static file for `<script src=… defer>`,
// under a content security policy of `script-src 'self'`. It works in a Worker made of the same file.
//
// It finds each `<input data-work="BITS">` of the page. While it works, the form is left alone: who sends it
// early has waited, or is told to. When it is done, the input has `data-worked` and its form hears the event
// `worked`.
#pragma once

#include <string_view>

namespace zw {

std::string_view work_script();

}  // namespace zw
