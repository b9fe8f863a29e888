# zw_precompiled(<target> product|tests)
#
# Where ZW_PRECOMPILED is on, the compiler reads the headers below once for all instead of once for each of some
# four hundred files. A file still includes what it needs: the presets `dev` and `release`, and clang-tidy, build without.
option(ZW_PRECOMPILED "Read the common headers once for all" OFF)

if(ZW_PRECOMPILED)
  set(common <algorithm> <array> <atomic> <chrono> <cstdint> <functional> <map> <memory> <mutex> <optional> <set> <span>
      <string> <string_view> <thread> <utility> <vector> <fmt/format.h>)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled.cc CONTENT "")
  foreach(kind product tests)
    add_library(zw_precompiled_${kind} OBJECT ${CMAKE_BINARY_DIR}/precompiled.cc)
    target_link_libraries(zw_precompiled_${kind} fmt::fmt)
    target_precompile_headers(zw_precompiled_${kind} PRIVATE ${common})
  endforeach()
  target_precompile_headers(zw_precompiled_tests PRIVATE <doctest/doctest.h>)
  target_compile_options(zw_precompiled_tests PRIVATE ${ZW_TEST_OPTIONS})
endif()

function(zw_precompiled target kind)
  if(ZW_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM zw_precompiled_${kind})
  endif()
endfunction()
