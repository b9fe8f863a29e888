if(ZW_SANITIZE)
  add_compile_options(-fsanitize=${ZW_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ZW_SANITIZE})
endif()
if(ZW_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
