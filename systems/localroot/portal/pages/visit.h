// One request to the pages of the portal: who asks, what for, and the ways to answer. Not for other folders.
#pragma once

#include "localroot/portal/pages/pages.h"

namespace zw {
/// What is in embedded/ (cmake/embed.cmake).
std::span<const EmbeddedFile> portal_page_files();
}  // namespace zw

namespace zw::localroot::portal {

/// What was wrong with the fields of a form: name of the field, and a sentence. The empty name: of the whole.
using FormFaults = std::vector<std::pair<std::string, std::string>>;

struct Visit {
  const SiteFrame& frame;
  const PortalDesk& desk;
  const WebRequest& request;
  std::optional<Session> who;  // whole, or nobody

  AccountId account() const { return who ? who->account : 0; }
  bool is_admin() const { return who && who->role == AccountRole::admin; }
  std::string origin() const { return request.peer.ip.print(); }
  AccountClient client() const { return SiteFrame::client(request); }
  Timestamp now() const { return desk.store.database().now(); }
  ServiceFactsPtr facts() const { return desk.service(); }
  std::string_view field(std::string_view name) const { return request.form.get(name); }
  /// What stands in the path, as a number; 0 if it is none, which nothing has.
  std::int64_t number(std::size_t i = 0) const { return parse_number_or_zero(request.place(i)); }
  static std::int64_t parse_number_or_zero(std::string_view text);

  // ---- answers

  /// `faults`: make it a 422, and stand where the template says so (add_faults).
  WebResponse page(std::string_view name, PageData data, std::string title, const FormFaults& faults = {},
                   bool is_narrow = false, std::vector<SiteLink> feeds = {}) const;
  WebResponse problem(const Error& error) const { return frame.problem(request, who, error); }
  WebResponse not_found() const { return problem({ErrorKind::not_found, ""}); }
  /// After a change: to a page of ours, with the notice of this word (notices.h).
  WebResponse done(std::string_view to, std::string_view notice) const;
  /// A file to keep.
  static WebResponse file(std::string text, std::string_view name, std::string type);

  // ---- forms

  /// `action` and `token`, for a part of the page.
  PageData form(const std::string& action) const;
};

/// The act of whoever asks, for the store. `origin` is kept by it.
struct OwnAct {
  explicit OwnAct(const Visit& visit) : origin(visit.origin()), act{visit.account(), origin} {}
  OwnAct(const OwnAct&) = delete;
  OwnAct& operator=(const OwnAct&) = delete;
  std::string origin;
  Act act;
};

/// The fault of an error that a form can mend, else nothing: then it is the visit's problem().
std::optional<std::string> mendable(const Error& error);
/// With a capital at its beginning and a full stop at its end.
std::string sentence(std::string_view text);

/// Routes of the pages, by who may see them.
class PageRoutes {
 public:
  using Page = WebResponse (*)(const Visit& visit);

  PageRoutes(WebRouter& router, const SiteFrame& frame, const PortalDesk& desk)
      : router_(router), frame_(frame), desk_(std::make_shared<const PortalDesk>(desk)) {}

  /// For everybody. Who posts is checked as whoever is signed in is.
  void open(WebMethod method, std::string_view path, Page page, std::size_t most_body = kFormOctets);
  /// For who is signed in.
  void own(WebMethod method, std::string_view path, Page page);
  /// The same for who has said within minutes who he is; others are asked to, and get back to `back`.
  void confirmed(WebMethod method, std::string_view path, Page page, std::string back);
  /// For administrators.
  void admin(WebMethod method, std::string_view path, Page page);
  const PortalDesk& desk() const { return *desk_; }

  static constexpr std::size_t kFormOctets = 64 << 10;

 private:
  WebRouter& router_;
  const SiteFrame& frame_;
  std::shared_ptr<const PortalDesk> desk_;
};

/// Adds `atom` and `lines`, paths, to the row of a zone that has a change feed, and the feed to `feeds`.
/// `kept`: what the service knows of it, or null.
void add_feed(PageData& row, const ServiceFacts::Zone* kept, std::vector<SiteLink>& feeds);

/// The links between the pages for administrators. `here`: the one that is shown.
void add_admin_links(PageData& data, std::string_view here);

// The pages, by subject.
void add_home_pages(PageRoutes& routes);
void add_start_pages(PageRoutes& routes);
void add_key_pages(PageRoutes& routes);
void add_server_pages(PageRoutes& routes);
void add_server_forms(PageRoutes& routes);
void add_configuration_pages(PageRoutes& routes);
void add_check_pages(PageRoutes& routes);
void add_help_pages(PageRoutes& routes);
void add_leaving_pages(PageRoutes& routes);
void add_admin_user_pages(PageRoutes& routes);
void add_admin_zone_pages(PageRoutes& routes);
void add_admin_log_pages(PageRoutes& routes);

}  // namespace zw::localroot::portal
