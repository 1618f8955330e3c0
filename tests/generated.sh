#!/usr/bin/env bash
# What is generated from the dataset: JSON Schemas, the XML Schema, the tables of proto/README.md.
# generated.sh write|compare COMESH BUILD: makes them in BUILD/gen, then copies them to where they
# are committed, or says which of the committed ones is not the same.
set -euo pipefail
action=$1
comesh=$2
made=$3/gen
mkdir -p "$made/proto/schema"
for operation in send-co send-amendment-notification send-cancelation-status send-feedback; do
    "$comesh" dataset schema json --operation $operation >"$made/proto/schema/$operation.json"
done
"$comesh" dataset schema xsd >"$made/proto/schema/comesh.xsd"

# The tables stand between two markers; the text around them is written by hand.
"$comesh" dataset list --markdown >"$made/tables.md"
awk -v tables="$made/tables.md" '
    /^<!-- \/dataset -->$/ { inside = 0 }
    !inside { print }
    /^<!-- dataset -->$/ { inside = 1; print ""; while ((getline line < tables) > 0) print line; print "" }
' proto/README.md >"$made/proto/README.md"

bad=0
while IFS= read -r file; do
    if cmp -s "$made/$file" "$file"; then
        continue
    elif [ "$action" = write ]; then
        mkdir -p "$(dirname "$file")"
        cp "$made/$file" "$file"
        echo "generated: $file written"
    else
        diff -u "$file" "$made/$file" | head -20 || true
        echo "generated: $file is not what the dataset says; run 'make generate' and commit it"
        bad=1
    fi
done < <(cd "$made" && find proto -type f | sort)
[ $bad = 0 ] && [ "$action" = compare ] && echo "generated: schemas and tables are what the dataset says"
exit $bad
