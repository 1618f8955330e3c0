# Makes C strings of files that ship, as an array of structs of a name and a text:
# awk -v type=menu_text -v header=proto/menu.h -f texts.awk FILE...

function literal(string) {
    gsub(/\\/, "&&", string)
    gsub(/"/, "\\\"", string)
    return "\"" string "\\n\""
}

BEGIN {
    print "/* Files that ship, made by texts.awk: do not edit. */"
    print "/* clang-format off */"
    printf "#include \"%s\"\n\n", header
    printf "const struct %s %ss[] = {\n", type, type
}
FNR == 1 {
    name = FILENAME
    sub(/.*\//, "", name)
    printf "%s    {\"%s\",", (NR > 1 ? "},\n" : ""), name
}
{ printf "\n     %s", literal($0) }
END { printf "},\n};\nconst size_t %s_count = sizeof %ss / sizeof *%ss;\n", type, type, type }
