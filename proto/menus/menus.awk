# Makes C strings of the menus: awk -f menus.awk *.menu.

function literal(string) {
    gsub(/\\/, "\\\\", string)
    gsub(/"/, "\\\"", string)
    return "\"" string "\\n\""
}

BEGIN {
    print "/* The menus that ship, made from proto/menus by menus.awk: do not edit. */"
    print "/* clang-format off */"
    print "#include \"proto/menu.h\"\n"
    print "const struct menu_text menu_texts[] = {"
}
FNR == 1 {
    name = FILENAME
    sub(/.*\//, "", name)
    printf "%s    {\"%s\",", (NR > 1 ? "},\n" : ""), name
}
{ printf "\n     %s", literal($0) }
END { print "},\n};\nconst size_t menu_text_count = sizeof menu_texts / sizeof *menu_texts;" }
