# SPDX-License-Identifier: MIT
# Turns text files into one C table: awk -v table=NAME -f embed.awk FILE... > NAME.c
# Each row has the file's name without folder and ending, and its text.

function row_end()
{
    if (open)
        print "    },"
}

BEGIN {
    print "/* Generated. */"
    print "#include \"base/embed.h\"\n"
    print "extern const struct embedded " table "[];"
    print "const struct embedded " table "[] = {"
}

FNR == 1 {
    row_end()
    name = FILENAME
    sub(/.*\//, "", name)
    sub(/\.[^.]*$/, "", name)
    print "    {\"" name "\","
    open = 1
}

{
    gsub(/\\/, "&&") # one backslash becomes two
    gsub(/"/, "\\\"")
    gsub(/\t/, "\\t")
    print "     \"" $0 "\\n\""
}

END {
    row_end()
    print "    {0, 0},\n};"
}
