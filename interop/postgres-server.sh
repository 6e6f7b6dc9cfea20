# Sourced: starts a private PostgreSQL in a temporary folder on a free port, exports CROSSDOCK_TEST_DATABASE_URL, and
# removes it when the script ends. Installs PostgreSQL when it is not there. Needs need.sh.
# Debian keeps the server's programs out of the path.
find_server() {
  local folder
  for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do PATH="$PATH:$folder"; done
  command -v initdb >/dev/null && command -v pg_ctl >/dev/null
}
find_server || install_one_of postgresql
find_server || { echo 'PostgreSQL is needed and could not be installed' >&2; exit 1; }

# PostgreSQL refuses to run as root.
as_owner=()
if [ "$(id -u)" -eq 0 ]; then
  owner=postgres
  id "$owner" >/dev/null 2>&1 || owner=nobody
  as_owner=(setpriv --reuid "$owner" --regid "$(id -g "$owner")" --clear-groups env HOME=/tmp)
fi

cluster=$(mktemp -d)
stop() {
  (cd / && "${as_owner[@]}" pg_ctl --pgdata "$cluster/data" --mode immediate --silent stop) >/dev/null 2>&1 || true
  rm -rf "$cluster"
}
trap stop EXIT
trap 'exit 130' INT TERM
if [ "$(id -u)" -eq 0 ]; then chown "$owner" "$cluster"; fi

password=$(node -p 'crypto.randomUUID()')
port=$(node -e 'const s = net.createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
install -m 644 /dev/stdin "$cluster/password" <<<"$password"
(
  cd /
  "${as_owner[@]}" initdb --pgdata "$cluster/data" --username crossdock --pwfile "$cluster/password" \
    --auth scram-sha-256 --encoding UTF8 --locale C.UTF-8 --no-sync >/dev/null
  # Its data is thrown away: nothing needs to reach the disk.
  settings="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='$cluster' -c max_connections=200"
  settings+=" -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
  "${as_owner[@]}" pg_ctl --pgdata "$cluster/data" --log "$cluster/log" --wait --silent --options "$settings" start
)
export CROSSDOCK_TEST_DATABASE_URL="postgres://crossdock:$password@127.0.0.1:$port/postgres"
# Workers that start together would race for the extension.
PGPASSWORD=$password psql --quiet --host 127.0.0.1 --port "$port" --username crossdock --dbname postgres \
  --command 'CREATE EXTENSION pg_trgm' --command 'SELECT version()' --tuples-only
