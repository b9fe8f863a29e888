// What browsers send: forms, cookies, paths. What can be read is bounded text; what is written back is the
// same; a page holds no mark-up that came from a form.
#include "format/utf8.h"
#include "web/site/page.h"
#include "web/site/router.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace zw;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto form = WebFields::parse_form(text)) {
    if (auto value = form->find("a")) {
      ZW_ASSERT(is_utf8(*value) && value->find('\0') == value->npos);
      ZW_ASSERT(percent_decode(percent_encode(*value)) == std::string(*value));
      static const Pages pages =
          *Pages::make({{"page", "<p title='{{a}}'>{{{a}}}{{& a}}{{> _part}}"}, {"_part", "{{a}}"}});
      PageData page;
      page.text("a", std::string(*value));
      std::string shown = pages.render("page", page).text();
      std::string_view rest = std::string_view(shown).substr(std::string_view("<p title='").size());
      ZW_ASSERT(rest.find_first_of("<\"") == rest.npos && rest.find('>') == rest.rfind('>'));
    }
  }
  WebFields cookies = WebFields::parse_cookies(text);
  ZW_ASSERT(cookies.size() <= 50);
  static const WebRouter router = [] {
    WebRouter made;
    made.add(WebMethod::get, "/a/{x}/b", [](const WebRequest&) { return WebResponse(); });
    made.add(WebMethod::get, "/{x}", [](const WebRequest&) { return WebResponse(); });
    return made;
  }();
  auto found = router.find(WebMethod::get, text);
  ZW_ASSERT(!found.route || found.places.size() == 1);
  return 0;
}
