#!/usr/bin/env bash
# Measures a KV read and a durable KV write against a bare Kestrel server that answers the same number of bytes, in one run
# on this machine. SQLite on disk, file audit on, 64 connections kept alive. Prints one table of ratios.
#
#   ./bench.sh [SECONDS PER MEASUREMENT, default 8] [ROUNDS, default 3]
set -eu
cd "$(dirname "$(readlink -f "$0")")"
seconds=${1:-8} rounds=${2:-3}
if ! command -v wrk >/dev/null; then
    [ "$(id -u)" = 0 ] || { echo "bench.sh: wrk is missing: install it" >&2; exit 1; }
    apt-get update -q >/dev/null && apt-get install -y -q wrk >/dev/null
fi
dotnet build bench/Bare -c Release -v q -nologo -clp:NoSummary >/dev/null
dotnet build src/Candlefish.Secrets.Cli -c Release -v q -nologo -clp:NoSummary >/dev/null
cli=artifacts/bin/Candlefish.Secrets.Cli/release/candlefish-secrets
work=$(mktemp -d)
pids=()
cleanup() { for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT

port=$((20000 + RANDOM % 20000))
bare_port=$((port + 1))
mkdir -m 700 "$work/data" "$work/audit"
cat > "$work/vault.hcl" <<HCL
storage "file" { path = "$work/data" }
listener "tcp" {
  address     = "127.0.0.1:$port"
  tls_disable = true
}
audit_directory = "$work/audit"
HCL
CANDLEFISH_ENV=testing "$cli" server -config="$work/vault.hcl" >"$work/server.log" 2>&1 &
server=$!; pids+=("$server")
api=http://127.0.0.1:$port/v1
for _ in $(seq 100); do curl -s -o /dev/null "$api/sys/health" && break; sleep 0.1; done
curl -s -X PUT -d '{"secret_shares":1,"secret_threshold":1}' "$api/sys/init" > "$work/init.json"
key=$(sed -E 's/.*"keys":\["([^"]+)".*/\1/' "$work/init.json")
token=$(sed -E 's/.*"root_token":"([^"]+)".*/\1/' "$work/init.json")
curl -s -o /dev/null -X PUT -d "{\"key\":\"$key\"}" "$api/sys/unseal"
auth="X-Vault-Token: $token"
curl -s -o /dev/null -H "$auth" -d '{"type":"kv","options":{"version":"2"}}' "$api/sys/mounts/secret"
value=$(printf 'v%.0s' $(seq 100))
curl -s -o /dev/null -H "$auth" -d "{\"data\":{\"value\":\"$value\"}}" "$api/secret/data/app"
echo "audit devices: $(curl -s -H "$auth" "$api/sys/audit" | grep -o '"type":"[a-z]*"' | sort -u | tr '\n' ' ')"
bytes=$(curl -s -H "$auth" "$api/secret/data/app" | wc -c)
artifacts/bin/Bare/release/candlefish-bench-bare "$bare_port" "$bytes" >/dev/null 2>&1 &
pids+=($!)
sleep 1

cat > "$work/write.lua" <<LUA
local id = 0
local thread = 0
function setup(t) t:set("id", thread); thread = thread + 1 end
local n = 0
request = function()
  n = n + 1
  wrk.headers["X-Vault-Token"] = "$token"
  return wrk.format("POST", "/v1/secret/data/w" .. id .. "/" .. (n % 5000), nil, '{"data":{"value":"$value"}}')
end
LUA
wrk1() { wrk -t2 -c64 -d"${seconds}s" --latency "$@" 2>&1; }
rate() { grep -oE 'Requests/sec: +[0-9.]+' "$1" | grep -oE '[0-9.]+'; }
p99() { grep -oE '99% +[0-9.]+[a-z]+' "$1" | awk '{print $2}'; }
bad() { grep -oE 'Non-2xx or 3xx responses: [0-9]+' "$1" || true; }

wrk -t2 -c64 -d2s "http://127.0.0.1:$bare_port/v1/secret/data/app" >/dev/null
wrk -t2 -c64 -d3s -H "$auth" "$api/secret/data/app" >/dev/null
printf '%-6s %12s %12s %8s %12s %8s %10s %10s %10s\n' round bare/s read/s ratio write/s ratio bare-p99 read-p99 write-p99
for round in $(seq "$rounds"); do
    wrk1 -H "$auth" "http://127.0.0.1:$bare_port/v1/secret/data/app" > "$work/bare.txt"
    wrk1 -H "$auth" "$api/secret/data/app" > "$work/read.txt"
    wrk1 -s "$work/write.lua" "$api" > "$work/write.txt"
    b=$(rate "$work/bare.txt") r=$(rate "$work/read.txt") w=$(rate "$work/write.txt")
    printf '%-6s %12.0f %12.0f %8.2f %12.0f %8.2f %10s %10s %10s %s %s\n' "$round" "$b" "$r" "$(awk "BEGIN{print $r/$b}")" "$w" "$(awk "BEGIN{print $w/$b}")" \
        "$(p99 "$work/bare.txt")" "$(p99 "$work/read.txt")" "$(p99 "$work/write.txt")" "$(bad "$work/read.txt")" "$(bad "$work/write.txt")"
done
echo "server resident memory afterwards: $(awk '/VmRSS/{print $2" "$3}' "/proc/$server/status")"
