// The templates of config/settings.h.
#pragma once

#include <fmt/format.h>

#include <memory>

namespace zw {

template <typename T>
Settings<T>& Settings<T>::add(SettingDoc doc, Entry entry) {
  ZW_ASSERT(doc.key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
  docs_.push_back(std::move(doc));
  entries_.push_back(std::move(entry));
  return *this;
}

template <typename T>
template <typename M>
Settings<T>& Settings<T>::value(std::string key, M T::* member, SettingType<M> type, std::string help,
                                std::string preset, bool required) {
  SettingDoc doc{key, SettingDoc::Kind::value, type.name, std::move(preset), required, std::move(help), {}};
  Entry entry;
  entry.read = [=](T& out, const Toml* given, const Toml&, Complaints& complaints) {
    if (!given) return;
    if (auto parsed = type.parse(*given, complaints)) out.*member = std::move(*parsed);
  };
  entry.print = [=](const T& from, std::string_view) {
    std::string text = type.print(from.*member);
    return text.empty() ? text : fmt::format("{} = {}\n", key, text);
  };
  return add(std::move(doc), std::move(entry));
}

template <typename T>
template <typename M>
Settings<T>& Settings<T>::table(std::string key, M T::* member, Settings<M> inner, std::string help) {
  SettingDoc doc{key, SettingDoc::Kind::table, "a table", "", false, std::move(help), inner.docs()};
  auto shared = std::make_shared<Settings<M>>(std::move(inner));
  Entry entry;
  entry.read = [=](T& out, const Toml* given, const Toml& table, Complaints& complaints) {
    Toml absent(Toml::Table{}, table.at());
    if (given && !given->is_table()) return complain_of_type(*given, "a table", complaints);
    out.*member = shared->parse(given ? *given : absent, complaints);
  };
  entry.print = [=](const T& from, std::string_view path) {
    std::string inside = join_path(path, key);
    return fmt::format("\n[{}]\n{}", inside, shared->print(from.*member, inside));
  };
  return add(std::move(doc), std::move(entry));
}

template <typename T>
template <typename M>
Settings<T>& Settings<T>::tables(std::string key, std::vector<M> T::* member, Settings<M> inner,
                                 std::size_t most, std::string help) {
  std::string type = fmt::format("at most {} tables", most);
  SettingDoc doc{key, SettingDoc::Kind::tables, type, "", false, std::move(help), inner.docs()};
  auto shared = std::make_shared<Settings<M>>(std::move(inner));
  Entry entry;
  entry.read = [=](T& out, const Toml* given, const Toml&, Complaints& complaints) {
    if (!given) return;
    if (!given->is_array()) return complain_of_type(*given, fmt::format("{}, [[{}]]", type, key), complaints);
    if (given->items().size() > most)
      return complaints.add(given->at(), fmt::format("expected {}, got {}", type, given->items().size()));
    for (const Toml& item : given->items()) {
      if (item.is_table())
        (out.*member).push_back(shared->parse(item, complaints));
      else
        complain_of_type(item, "a table", complaints);
    }
  };
  entry.print = [=](const T& from, std::string_view path) {
    std::string out, inside = join_path(path, key);
    for (const M& item : from.*member)
      out += fmt::format("\n[[{}]]\n{}", inside, shared->print(item, inside));
    return out;
  };
  return add(std::move(doc), std::move(entry));
}

template <typename T>
template <typename M>
Settings<T>& Settings<T>::part(M T::* member, const Settings<M>& inner) {
  for (std::size_t i = 0; i < inner.entries_.size(); ++i)
    add(inner.docs_[i], {[=, read = inner.entries_[i].read](T& out, const Toml* given, const Toml& table,
                                                            Complaints& complaints) {
                           read(out.*member, given, table, complaints);
                         },
                         [=, print = inner.entries_[i].print](const T& from, std::string_view path) {
                           return print(from.*member, path);
                         }});
  for (const auto& what : inner.checks_)
    check([=](const T& value, const Toml& from, Complaints& complaints) {
      what(value.*member, from, complaints);
    });
  return *this;
}

template <typename T>
T Settings<T>::parse(const Toml& from, Complaints& complaints) const {
  T out{};
  std::size_t before = complaints.size();
  check_keys(from, docs_, complaints);
  for (std::size_t i = 0; i < entries_.size(); ++i)
    entries_[i].read(out, from.find(docs_[i].key), from, complaints);
  if (complaints.size() == before)
    for (const auto& check : checks_) check(out, from, complaints);
  return out;
}

template <typename T>
std::string Settings<T>::print(const T& value, std::string_view path) const {
  std::string out;
  for (bool tables : {false, true})  // TOML wants the values of a table before the tables in it
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (tables == (docs_[i].kind != SettingDoc::Kind::value)) out += entries_[i].print(value, path);
  return out;
}

template <typename T>
std::expected<T, std::vector<TextError>> parse_config(std::string_view text, const Settings<T>& settings) {
  auto toml = parse_toml(text);
  if (!toml) return std::unexpected(std::vector{toml.error()});
  Complaints complaints;
  T value = settings.parse(*toml, complaints);
  if (!complaints.empty()) return std::unexpected(complaints.sorted());
  return value;
}

}  // namespace zw
