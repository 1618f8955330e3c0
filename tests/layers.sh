#!/usr/bin/env bash
# The layers of the house: a file may include what stands left of its folder, and a library is known
# in one place. Reads the #include lines of every source; says each that breaks a rule.
#   proto < keys < node/core < node/store < node/flow < { node/link, node/control, node/bridge } < node
# tools may use proto, keys, node/core (configuration, time, log) and the control protocol's header.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A allowed=(
    [proto]="proto"
    [keys]="proto keys"
    [node/core]="proto keys node/core"
    [node/store]="proto keys node/core node/store"
    [node/flow]="proto keys node/core node/store node/flow"
    [node/link]="proto keys node/core node/store node/flow node/link"
    [node/control]="proto keys node/core node/store node/flow node/control"
    [node/bridge]="proto keys node/core node/store node/flow node/bridge"
    [node]="proto keys node/core node/store node/flow node/link node/control node/bridge node"
    [tools/comesh]="proto keys node/core node/control/wire.h tools/comesh"
    [tools/bench]="proto keys node/core node/control/wire.h tools/comesh/client.h tools/bench"
)

# header prefix: the folders or files that may include it
libraries="
zmq.h       node/link tools/bench
czmq        node/core/zpl.c node/core/config node/link
sodium      keys node/core/world.c
nettle/     proto/merkle.c
msgpack     proto/mp.c
jansson     tools keys node/bridge
sqlite3     node/store
xxhash      node/store node/bridge/tag.c
libxml/     proto/xml
qrencode    proto/render_qr.c tools/comesh
microhttpd  node/bridge tools/bench/floor_http.c
curl/       node/bridge tools/comesh/conform_http.c
gnutls/     node/bridge keys/certificate.c tools/comesh/conform_http.c tools/bench/load_http.c
"

bad=0
complain() {
    echo "layers: $1"
    bad=1
}

library_allowed() { # file header
    local prefix places place
    while read -r prefix places; do
        [ -n "$prefix" ] || continue
        case "$2" in
        "$prefix"*)
            for place in $places; do
                case "$1" in "$place"*) return 0 ;; esac
            done
            complain "$1 includes <$2>, which is known in: $places"
            return 0
            ;;
        esac
    done <<<"$libraries"
}

count=0
while IFS= read -r file; do
    folder=$(dirname "$file")
    rules=${allowed[$folder]-}
    [ -n "$rules" ] || { complain "$file stands in a folder that has no layer"; continue; }
    count=$((count + 1))
    while IFS= read -r header; do
        target=$(dirname "$header")
        ok=no
        for rule in $rules; do
            { [ "$target" = "$rule" ] || [ "$header" = "$rule" ]; } && ok=yes
        done
        [ $ok = yes ] || complain "$file includes \"$header\"; $folder may use: $rules"
    done < <(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file")
    while IFS= read -r header; do
        library_allowed "$file" "$header"
    done < <(sed -n 's/^#include <\([^>]*\)>.*/\1/p' "$file")
done < <(git ls-files --cached --others --exclude-standard 'proto/*.[ch]' 'keys/*.[ch]' 'node/*.[ch]' 'tools/*.[ch]')

[ $bad = 0 ] && echo "layers: $count files keep their layers"
exit $bad
