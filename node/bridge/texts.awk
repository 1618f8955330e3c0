# Makes C strings of the texts that the bridge serves: awk -f texts.awk FILE...

function literal(string) {
    gsub(/\\/, "&&", string)
    gsub(/"/, "\\\"", string)
    return "\"" string "\\n\""
}

BEGIN {
    print "/* Texts that the bridge serves, made by texts.awk: do not edit. */"
    print "/* clang-format off */"
    print "#include \"node/bridge/texts.h\"\n"
    print "const struct bridge_text bridge_texts[] = {"
}
FNR == 1 {
    name = FILENAME
    sub(/.*\//, "", name)
    printf "%s    {\"%s\",", (NR > 1 ? "},\n" : ""), name
}
{ printf "\n     %s", literal($0) }
END { print "},\n};\nconst size_t bridge_text_count = sizeof bridge_texts / sizeof *bridge_texts;" }
