# Makes C tables of the code lists: awk -f lists.awk *.csv. A list is a few `# key: value` lines, the
# line `value,name,from,until`, and a row for each code, ascending by its bytes. Only a name may be
# quoted. The same form is read by `comesh codes import` (proto/codes_read.c).

function stop(sentence) {
    printf "%s:%d: %s\n", FILENAME, FNR, sentence > "/dev/stderr"
    failed = 1
    exit 1
}

function literal(string) {
    gsub(/\\/, "\\\\", string)
    gsub(/"/, "\\\"", string)
    return "\"" string "\""
}

# The first 8 bytes of a code as one number, so that a search compares numbers.
function key_of(value, i, digits) {
    digits = ""
    for (i = 1; i <= 8; i++) {
        digits = digits (i <= length(value) ? hex[substr(value, i, 1)] : "00")
    }
    return "UINT64_C(0x" digits ")"
}

function day_of(date) {
    if (date == "") {
        return "0"
    }
    if (date !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/) {
        stop("'" date "' is no date YYYY-MM-DD")
    }
    gsub(/-/, "", date)
    return date
}

function truth(key) {
    return head[key] == "yes" ? "true" : "false"
}

function symbol_of(name) {
    gsub(/-/, "_", name)
    return name
}

function list_begin() {
    delete head
    rows = 0
    last = ""
}

function list_end(    symbol, codes) {
    if (head["list"] == "") {
        return
    }
    symbol = symbol_of(head["list"])
    codes = "NULL"
    if (rows > 0) {
        printf "};\n"
        codes = "codes_" symbol
    }
    printf "const struct code_list code_list_%s = {\n", symbol
    printf "    .name = %s, .title = %s, .edition = %s,\n", literal(head["list"]),
           literal(head["title"]), literal(head["edition"])
    printf "    .source = %s, .licence = %s,\n", literal(head["source"]), literal(head["licence"])
    if (head["shape"] != "") {
        printf "    .shape = %s, .shape_hint = %s,\n", literal(head["shape"]), literal(head["hint"])
    }
    printf "    .percentage = %s, .country = %s,\n", truth("percentage"), truth("country")
    printf "    .codes = %s, .count = %d};\n\n", codes, rows
}

function row(    line, value, name, at) {
    line = $0
    at = index(line, ",")
    value = substr(line, 1, at - 1)
    line = substr(line, at + 1)
    if (at == 0 || !match(line, /,[-0-9]*,[-0-9]*$/)) {
        stop("this row is not value,name,from,until")
    }
    name = substr(line, 1, RSTART - 1)
    split(substr(line, RSTART + 1), dates, ",")
    if (name ~ /^".*"$/) {
        name = substr(name, 2, length(name) - 2)
        gsub(/""/, "\"", name)
    }
    if (value "" < last "") {
        stop("'" value "' stands behind '" last "'; sort the rows")
    }
    last = value
    if (rows++ == 0) {
        printf "static const struct code codes_%s[] = {\n", symbol_of(head["list"])
    }
    printf "    {%s, %s, %s, %s, %s},\n", key_of(value), literal(value), literal(name),
           day_of(dates[1]), day_of(dates[2])
}

BEGIN {
    for (i = 1; i < 128; i++) {
        hex[sprintf("%c", i)] = sprintf("%02x", i)
    }
    print "/* The code lists that ship, made from proto/lists by lists.awk: do not edit. */"
    print "/* clang-format off */"
    print "#include \"proto/codes.h\"\n"
}
FNR == 1 { list_end(); list_begin() }
/^# [a-z]+: / {
    at = index($0, ": ")
    head[substr($0, 3, at - 3)] = substr($0, at + 2)
    next
}
$0 == "value,name,from,until" { next }
{ row() }
END {
    if (!failed) {
        list_end()
    }
    exit failed
}
