# Makes a C table of the list of words: awk -f words.awk words.txt. Comments, then a word a line:
# lower-case letters, ascending, each once.

function stop(sentence) {
    printf "%s:%d: %s\n", FILENAME, FNR, sentence > "/dev/stderr"
    failed = 1
    exit 1
}

BEGIN {
    print "/* The words that people read aloud, made from keys/words.txt by words.awk: do not edit. */"
    print "/* clang-format off */"
    print "#include \"keys/words.h\"\n"
    print "const char words_list[WORDS_LIST_COUNT][WORDS_LETTERS_MAX + 1] = {"
}
/^#/ { next }
!/^[a-z]+$/ || length($0) > 9 { stop("'" $0 "' is no word of 1 to 9 small letters") }
$0 <= last { stop("'" $0 "' does not stand in its place; sort the words, each once") }
{
    last = $0
    count++
    printf "    \"%s\",\n", $0
}
END {
    if (!failed && count != 7772) {
        stop(count " words, where 7772 are needed: the words of all fingerprints would change")
    }
    if (!failed) {
        print "};"
    }
    exit failed
}
