#!/usr/bin/env bash
# `make demo`: three real nodes on loopback (KR, ID, UY) and a fourth party without a node (JP),
# certificates in all directions, the life of one of them, a node killed in the middle of a backlog,
# and what is left to see. Everything is in
# one folder; KEEP=1 leaves the mesh running. Only processes that were started here are ended.
set -euo pipefail
cd "$(dirname "$0")/.."
programs=$PWD/${BUILD:-build}/release
folder=$PWD/${BUILD:-build}/demo
samples=$PWD/tests/samples
backlog=20000
export PATH=$programs:$PATH

bold=""
plain=""
if [ -t 1 ]; then
    bold=$(tput bold 2>/dev/null || true)
    plain=$(tput sgr0 2>/dev/null || true)
fi
title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
say() { printf '  %s\n' "$*"; }
fail() {
    printf 'demo: %s\n' "$*" >&2
    exit 1
}

declare -A domain=([KR]=customs.go.kr [ID]=beacukai.go.id [UY]=aduana.gub.uy)
declare -A name=([KR]='Korea Customs Service' [ID]='Direktorat Jenderal Bea dan Cukai'
    [UY]='Dirección Nacional de Aduanas')
declare -A port
declare -A pid

at() { # party command…
    local party=$1
    shift
    comesh -C "$folder/$party" "$@"
}

# ---- three nodes ----

stop_all() {
    local party
    for party in "${!pid[@]}"; do
        kill "${pid[$party]}" 2>/dev/null || true
    done
    for party in "${!pid[@]}"; do
        wait "${pid[$party]}" 2>/dev/null || true
    done
}
trap 'stop_all' EXIT

# Ports that nobody listens on: three nodes, Japan's server, Korea's listener for it.
free_ports() {
    local candidate=7101 party
    for party in KR ID UY JP public; do
        while (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null; do
            candidate=$((candidate + 1))
        done
        port[$party]=$candidate
        candidate=$((candidate + 1))
    done
}

make_node() {
    local party=$1
    at "$party" init --party "$party" --domain "${domain[$party]}" --environment test \
        --name "${name[$party]}" --bind "tcp://127.0.0.1:${port[$party]}" \
        --endpoint "tcp://127.0.0.1:${port[$party]}" --kdf interactive --passphrase-fd 3 \
        --agreement RCEP:1:KR,ID,UY,JP --agreement GSP:1:KR,ID,UY \
        3<"$folder/passphrase" >/dev/null
}

start_node() {
    local party=$1
    comeshd --config "$folder/$party/comesh.zpl" --passphrase-fd 3 3<"$folder/passphrase" \
        2>>"$folder/$party.log" &
    pid[$party]=$!
}

wait_node() {
    at "$1" status --wait >/dev/null || fail "node $1 does not start; see $folder/$1.log"
}

exchange_cards() {
    local one other
    for one in KR ID UY; do
        at "$one" card export --output "$folder/$one.card"
    done
    for one in KR ID UY; do
        for other in KR ID UY; do
            [ "$one" = "$other" ] ||
                at "$one" card import "$folder/$other.card" \
                    --fingerprint "$(at "$other" card fingerprint)" >/dev/null 2>&1
        done
    done
}

# Korea proposes, all sign in turn, and everybody gets the text with all signatures.
sign_agreement() {
    local party file=$folder/AKFTA.agreement
    at KR agreement new AKFTA --name 'ASEAN-Korea Free Trade Area' --join ID --join UY --quorum 2 \
        --reference 'Operational certification procedures' >/dev/null 2>&1
    for party in KR ID UY; do
        [ "$party" = KR ] || at "$party" agreement import "$file" --propose >/dev/null 2>&1
        at "$party" agreement sign AKFTA --output "$file" --passphrase-fd 3 \
            3<"$folder/passphrase" >/dev/null 2>&1
    done
    for party in KR ID UY; do
        at "$party" agreement import "$file" >/dev/null 2>&1
    done
}

# ---- a party without a node ----

certificate_for() { # path name
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
        -keyout "$1.key" -out "$1.pem" -subj "/CN=$2" -addext "subjectAltName=DNS:$2" 2>/dev/null
    chmod 600 "$1.key"
}

# Japan has a server of its own and no node: a small one in Python, which shares no code with comesh.
japan() {
    /usr/bin/python3 tests/peers/rest_peer.py --folder "$folder/JP" --party JP \
        --domain customs.go.jp "$@"
}

start_japan() {
    certificate_for "$folder/KR/outbound" test.coconnect.customs.go.kr
    certificate_for "$folder/KR/public" test.coconnect.customs.go.kr
    japan --port "${port[JP]}" --node-certificate "$folder/KR/outbound.pem" \
        >"$folder/JP.taken.jsonl" 2>>"$folder/JP.log" &
    pid[JP]=$!
    until (exec 3<>"/dev/tcp/127.0.0.1/${port[JP]}") 2>/dev/null; do sleep 0.05; done
    cat >>"$folder/KR/comesh.zpl" <<END
outbound
    certificate = outbound.pem
    key = outbound.key
    connect = test.coconnect.customs.go.jp=127.0.0.1:${port[JP]}
public
    listen = 127.0.0.1:${port[public]}
    certificate = public.pem
    key = public.key
END
    comesh rest new --party JP --name 'Japan Customs' --environment test --domain customs.go.jp \
        --client "$folder/JP/client.pem" --server "$folder/JP/server.pem" \
        >"$folder/JP.card" 2>"$folder/JP.told"
    at KR rest add "$folder/JP.card" --fingerprint "$(sed 's/.*: //' "$folder/JP.told")" \
        >/dev/null 2>&1
}

# A certificate under RCEP, whose criteria have other codes.
rcep_certificate() { # exporter importer
    comesh-bench sample --exporter "$1" --importer "$2" --count 1 --first 500 |
        sed -e 's/"AKFTA"/"RCEP"/' -e 's/"RuleCode":\["[A-Z0-9]*"\]/"RuleCode":["CTC"]/g'
}

# ---- questions to the nodes ----

# A figure of the channel between two parties as a node sees it: size, receipt_size, root.
channel() { # party direction partner figure
    at "$1" status --json | awk -v direction="$2" -v partner="$3" -v figure="\"$4\":" '
        /"direction":/ { d = $2 }
        /"partner":/ { p = $2 }
        $1 == figure && d ~ direction && p ~ "\"" partner "\"" { gsub(/[",]/, "", $2); print $2 }'
}

wait_receipts() { # from to
    local waited=0
    until [ "$(channel "$1" outgoing "$2" size)" = "$(channel "$1" outgoing "$2" receipt_size)" ]; do
        sleep 0.1
        waited=$((waited + 1))
        [ $waited -lt 600 ] || fail "$1 waits for receipts of $2 in vain; see $folder/*.log"
    done
}

take_inbox() {
    at "$1" inbox --take >"$folder/$1.taken.jsonl"
    say "The national system of $1 has taken $(grep -c . "$folder/$1.taken.jsonl") documents."
}

number_of() { sed -n 's/.*"ID": *"\([^"]*\)".*/\1/p' "$1" | head -1; }

# ---- the story ----

rm -rf "$folder"
mkdir -p "$folder"
chmod 700 "$folder"
head -c 24 /dev/urandom | base64 >"$folder/passphrase"

title "Three parties, each with its own folder, keys, store and ports"
free_ports
for party in KR ID UY; do
    make_node "$party"
    say "$party  ${name[$party]}: test.coconnect.${domain[$party]}, tcp://127.0.0.1:${port[$party]}," \
        "fingerprint $(at "$party" card fingerprint)"
done
exchange_cards
say "Each has imported the others' cards, with the fingerprints confirmed."
sign_agreement
say "All have signed the agreement AKFTA; two of them can sign the next version of it."
start_japan
for party in KR ID UY; do start_node "$party"; done
for party in KR ID UY; do wait_node "$party"; done
say "Three nodes run: processes ${pid[KR]}, ${pid[ID]}, ${pid[UY]}."

title "Certificates in all directions"
at KR send --wait "$samples/kr-id-co.json"
at ID send --wait "$samples/id-kr-co.json"
at UY send --wait "$samples/uy-kr-co.json"
serial=1
for way in KR:UY ID:UY UY:ID; do
    comesh-bench sample --exporter "${way%:*}" --importer "${way#*:}" --count 1 --first $serial \
        >"$folder/one.jsonl"
    at "${way%:*}" send --wait "$folder/one.jsonl"
    serial=$((serial + 1))
done

title "A fourth party that has no node: Japan, by HTTPS with client certificates"
rcep_certificate KR JP >"$folder/kr-jp-co.json"
rcep_certificate JP KR >"$folder/jp-kr-co.json"
at KR send --wait "$folder/kr-jp-co.json"
grep -q . "$folder/JP.taken.jsonl" || fail "Japan's server has nothing; see $folder/JP.log"
say "Japan's server has taken $(sed 's/.*"operation": "\([^"]*\)".*/\1/' "$folder/JP.taken.jsonl")."
at KR trace KR-AK-2026-00000500 --exporter KR | grep 'HTTP answer'
japan --post "${port[public]}" test.coconnect.customs.go.kr send-co "$folder/jp-kr-co.json" |
    sed 's/^/  /'
japan --post "${port[public]}" test.coconnect.customs.go.kr send-co "$folder/jp-kr-co.json" |
    sed 's/^/  again: /'

title "The life of a certificate: amendment, cancelation status, feedback"
at KR amend "$samples/kr-id-amendment.json"
wait_receipts KR ID
take_inbox ID
at ID cancel-status "$samples/id-kr-cancelation-status.json"
at ID feedback "$samples/id-kr-feedback.json"
wait_receipts ID KR
take_inbox KR
take_inbox UY

title "The same again, and the same number with other content"
at KR send "$samples/kr-id-co.json" 2>&1 | sed 's/^/  /'
sed -e 's/"Name": "[^"]*"/"Name": "Somebody Else"/' \
    -e 's/\("FunctionalReferenceID": "\)[0-9a-f]\{8\}/\1ffffffff/' \
    "$samples/kr-id-co.json" >"$folder/other.json"
if at KR send "$folder/other.json" >"$folder/refused.txt" 2>&1; then
    fail "a number was taken twice"
fi
sed 's/^/  /' "$folder/refused.txt"

title "A backlog of $backlog certificates, and kill -9 in the middle of it"
before=$(channel ID incoming KR size)
comesh-bench sample --exporter KR --importer ID --count $backlog --first 1000 >"$folder/backlog.jsonl"
at KR send - <"$folder/backlog.jsonl" >"$folder/send.txt" 2>&1 &
sender=$!
until [ "$(channel ID incoming KR size)" -gt $((before + backlog / 10)) ]; do sleep 0.02; done
kill -9 "${pid[ID]}"
wait "${pid[ID]}" 2>/dev/null || true
wait $sender || fail "sending failed: $(cat "$folder/send.txt")"
say "Node ID was killed with SIGKILL; Korea's system has handed over everything all the same."
at KR queue
start_node ID
wait_node ID
say "Node ID runs again, process ${pid[ID]}."
wait_receipts KR ID
wait_receipts ID KR
at ID inbox --take >"$folder/ID.backlog.jsonl"
ids() { grep -o '"FunctionalReferenceID": *"[^"]*"' "$1" | sed 's/.*"\([0-9a-f-]*\)"$/\1/'; }
ids "$folder/backlog.jsonl" >"$folder/sent.txt"
ids "$folder/ID.backlog.jsonl" >"$folder/taken.txt"
cmp -s "$folder/sent.txt" "$folder/taken.txt" ||
    fail "what Indonesia took is not what Korea sent, in order: compare $folder/sent.txt and taken.txt"
say "Indonesia took $(grep -c . "$folder/taken.txt") certificates of $backlog: none lost, none doubled, none reordered."
wait_receipts KR ID
wait_receipts ID KR

title "Every message, its states and their times, as Korea and Uruguay see it (of the backlog the first)"
at KR messages --max 12 2>/dev/null
at UY messages --max 12 2>/dev/null

title "The channels, at both ends"
printf '  %-34s %8s %8s  %-10s %s\n' CHANNEL SENDER RECEIVER ROOTS ROOT
for way in KR:ID ID:KR KR:UY UY:KR ID:UY UY:ID; do
    from=${way%:*}
    to=${way#*:}
    here=$(channel "$from" outgoing "$to" root)
    there=$(channel "$to" incoming "$from" root)
    [ "$here" = "$there" ] || fail "the roots of $from to $to differ"
    printf '  %-34s %8s %8s  %-10s %.16s…\n' "test.coconnect.${domain[$from]}/$to/1" \
        "$(channel "$from" outgoing "$to" size)" "$(channel "$to" incoming "$from" size)" equal "$here"
done

title "The receipts, verified from the journals"
for party in KR ID UY; do
    say "$party: $(at "$party" verify | tr '\n' ' ')"
done

title "Look further"
sample_number=$(number_of "$samples/kr-id-co.json")
if [ "${KEEP:-}" = 1 ]; then
    trap - EXIT
    say "The mesh is running. In this folder, with PATH=$programs:\$PATH :"
else
    say "make demo KEEP=1 leaves the mesh running. Then, with PATH=$programs:\$PATH :"
fi
say "  comesh -C $folder/KR status"
say "  comesh -C $folder/KR trace $sample_number"
say "  comesh -C $folder/ID show $sample_number"
say "  comesh -C $folder/ID export $sample_number"
say "  comesh -C $folder/KR help"
[ "${KEEP:-}" != 1 ] || say "Stop it with: kill ${pid[KR]} ${pid[ID]} ${pid[UY]} ${pid[JP]}"
