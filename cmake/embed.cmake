# zw_embed(<target> <folder> <symbol>)
#
# Compiles every file of the folder into the target, as `std::span<const zw::EmbeddedFile> zw::<symbol>()`
# (base/embedded.h). Text only. Done when CMake runs, which it does again when a file changes.
function(zw_embed target folder symbol)
  file(GLOB files CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*)
  set(entries "")
  foreach(name ${files})
    file(READ ${folder}/${name} content)
    string(APPEND entries "    {\"${name}\", R\"zw-embed(${content})zw-embed\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${name})
  endforeach()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded/${symbol}.cc)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "#include \"base/embedded.h\"

namespace zw {
std::span<const EmbeddedFile> ${symbol}();
std::span<const EmbeddedFile> ${symbol}() {
  static constexpr EmbeddedFile kFiles[] = {
${entries}  };
  return kFiles;
}
}  // namespace zw
")
  target_sources(${target} PRIVATE ${source})
endfunction()
