// A table of settings for a struct: one row for each member, from which the parser, the help text, the manual
// and an example file are made.
//
//   struct Listener { Address at; bool tcp = true; };
//   Settings<Listener> listener_settings() {
//     Settings<Listener> table;
//     table.required("address", &Listener::at, address_type(53), "Where to listen.");
//     table.row("tcp", &Listener::tcp, flag_type(), "Whether to listen on TCP.");
//     return table;
//   }
//   root.tables("listener", &Config::listeners, listener_settings(), 100, "One for each address.");
//
// A row's default is what a fresh struct holds. Keys are words of lower-case letters, digits and hyphens.
// Reading goes on to the end and complains of everything; a key that no row has is an error.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/complaints.h"
#include "config/types.h"
#include "format/toml.h"

// Tables are built once, at start: what is kept or copied is taken by value.
// NOLINTBEGIN(performance-unnecessary-value-param)
namespace zw {

/// What people are told of one row.
struct SettingDoc {
  enum class Kind { value, table, tables };
  std::string key;
  Kind kind = Kind::value;
  std::string type;       // SettingType::name, or how many tables
  std::string preset;     // the default as TOML; empty if there is none
  bool required = false;  // has to be given
  std::string help;
  std::vector<SettingDoc> rows;  // of a table
};

/// Complains of each key of `table` that is no row, and of each required row that `table` lacks.
void check_keys(const Toml& table, const std::vector<SettingDoc>& rows, Complaints& complaints);
/// Where a key stands in a table, or else the table.
TextPosition place_of(const Toml& table, std::string_view key);
/// `path.key`.
std::string join_path(std::string_view path, std::string_view key);

template <typename T>
class Settings {
 public:
  template <typename M>
  Settings& row(std::string key, M T::* member, SettingType<M> type, std::string help) {
    std::string preset = type.print(T{}.*member);
    return value(std::move(key), member, std::move(type), std::move(help), std::move(preset), false);
  }
  template <typename M>
  Settings& required(std::string key, M T::* member, SettingType<M> type, std::string help) {
    return value(std::move(key), member, std::move(type), std::move(help), "", true);
  }
  /// A table inside, `[key]`. Left out, it has its defaults; what it requires is then complained of.
  template <typename M>
  Settings& table(std::string key, M T::* member, Settings<M> inner, std::string help);
  /// An array of at most `most` tables, `[[key]]`.
  template <typename M>
  Settings& tables(std::string key, std::vector<M> T::* member, Settings<M> inner, std::size_t most,
                   std::string help);
  /// The rows of `inner`, here, for a member that is a struct: so several tables share them.
  template <typename M>
  Settings& part(M T::* member, const Settings<M>& inner);
  /// What the types cannot see: values that do not go together. Called when every value is well by itself;
  /// `from` is what was read, for place_of().
  Settings& check(std::function<void(const T& value, const Toml& from, Complaints& complaints)> what) {
    checks_.push_back(std::move(what));
    return *this;
  }

  T parse(const Toml& from, Complaints& complaints) const;
  /// As TOML, complete: parse() of it gives the same value.
  std::string print(const T& value, std::string_view path = "") const;
  const std::vector<SettingDoc>& docs() const { return docs_; }

 private:
  template <typename>
  friend class Settings;
  struct Entry {
    std::function<void(T& out, const Toml* given, const Toml& table, Complaints& complaints)> read;
    std::function<std::string(const T& value, std::string_view path)> print;
  };
  template <typename M>
  Settings& value(std::string key, M T::* member, SettingType<M> type, std::string help, std::string preset,
                  bool required);
  Settings& add(SettingDoc doc, Entry entry);

  std::vector<SettingDoc> docs_;
  std::vector<Entry> entries_;  // beside docs_
  std::vector<std::function<void(const T&, const Toml&, Complaints&)>> checks_;
};

/// Reads a whole file's text. The errors are in the order of the text.
template <typename T>
std::expected<T, std::vector<TextError>> parse_config(std::string_view text, const Settings<T>& settings);

}  // namespace zw
// NOLINTEND(performance-unnecessary-value-param)

#include "config/settings_inline.h"
