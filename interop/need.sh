# To be sourced. Installs what a machine lacks, on Debian and its kin.

# need COMMAND PACKAGE...: makes sure that the command is there; the first package that the system has is installed.
need() {
  command -v "$1" >/dev/null 2>&1 || install_one_of "${@:2}"
  command -v "$1" >/dev/null 2>&1 || { echo "$1 is needed and could not be installed" >&2; return 1; }
}

install_one_of() {
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "please install one of: $*" >&2
    return 1
  fi
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
  echo "installing $1 …" >&2
  "${as_root[@]}" apt-get update -qq >&2
  local package
  for package in "$@"; do
    apt-cache show "$package" >/dev/null 2>&1 || continue
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >&2
    return
  done
  return 1
}
