#!/bin/sh
# Installs packages while an image is built, with pip or with uv.
#
#   install-packages.sh pip [OPTION COMMAND]...
#   install-packages.sh uv PYTHON UV_FOLDER [OPTION COMMAND]...
#   install-packages.sh auto PYTHON UV_FOLDER [OPTION COMMAND]...
#
# auto is uv if nothing in the image configures pip or uv and uv can install the packages, else pip.
#
# PYTHON     the command that starts the Python to install for
# UV_FOLDER  the folder that uv is installed into, removed at the end
#
# Each OPTION comes with one COMMAND, words with spaces between them. Those of one option run in the
# order given, in the folder of this script, until one fails:
# --pip      installs the packages with pip
# --get-uv   installs uv into UV_FOLDER
# --uv       installs the packages with uv
# Each of these comes with an address instead:
# --index        the package index, instead of PyPI
# --extra-index  one that is searched too
#
# The build may mount the same addresses with their logins, as lines NAME=VALUE: see set_indexes.
#
# Lines of output that begin with 'flowstore: ' are for the user. Exit code: that of the command that failed.
set -fu

# The same patterns as in src/packages/uv.ts.
# Variables of uv that affect neither the installed packages nor their sources.
neutral_variables='UV_(CACHE_DIR|TOOL_DIR|TOOL_BIN_DIR|PYTHON_INSTALL_DIR|PYTHON_DOWNLOADS|LINK_MODE|COMPILE_BYTECODE|NATIVE_TLS|SYSTEM_PYTHON|BREAK_SYSTEM_PACKAGES|NO_PROGRESS|HTTP_TIMEOUT|CONCURRENT_[A-Z]+)='
# Variables that set uv's sources of packages.
index_variables='UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|CONFIG_FILE)='
# Settings of pip that affect the installed packages.
deciding_settings='\.(index-url|extra-index-url|find-links|no-index|constraint|require-hashes|no-binary|only-binary)='
not_read_by_uv="pip is configured to use other indexes or to restrict packages, and uv does not read pip's configuration"

folder=${0%/*}

# The build mounts a cache there. uv uses a folder inside pip's cache: a separate mount would leave its
# mount point in the image.
pip_cache=/root/.cache/pip

# The build mounts it if an index has a login.
index_logins=/run/secrets/flowstore-indexes

say() {
  echo "flowstore: $1"
}

# run OPTION [OPTION COMMAND]...: runs the commands of one option in turn, until one fails.
run() {
  option=$1
  shift
  while [ $# -gt 0 ]; do
    if [ "$1" = "$option" ]; then
      # shellcheck disable=SC2086 # A command is words with spaces between them.
      $2 || return
    fi
    shift 2
  done
}

pip_settings() {
  "$python" -m pip config list
}

# The settings and variables in the image that configure pip or uv, one per line.
configuration() {
  pip_settings || echo unknown
  env | grep -E '^(PIP|UV)_' | grep -Ev "^$neutral_variables"
}

# set_indexes [OPTION ADDRESS]...: tells pip and uv the package indexes.
set_indexes() {
  index=''
  extra=''
  while [ $# -gt 0 ]; do
    case $1 in
      --index) index=$2 ;;
      --extra-index) extra="${extra:+$extra }$2" ;;
    esac
    shift 2
  done
  if [ -n "$index" ]; then export PIP_INDEX_URL="$index" UV_DEFAULT_INDEX="$index"; fi
  if [ -n "$extra" ]; then export PIP_EXTRA_INDEX_URL="$extra" UV_INDEX="$extra"; fi
  if [ -r "$index_logins" ]; then
    while IFS= read -r line; do export "${line?}"; done <"$index_logins"
  fi
}

set_pip_variables() {
  export PIP_ROOT_USER_ACTION=ignore PIP_BREAK_SYSTEM_PACKAGES=1 PIP_CACHE_DIR="$pip_cache"
}

# set_uv_variables CERTIFICATES: variables that are already set keep their value.
set_uv_variables() {
  export UV_CACHE_DIR="$pip_cache/uv" UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_BREAK_SYSTEM_PACKAGES=1
  UV_PYTHON=$(command -v "$python")
  # The best version of any index, as pip chooses.
  UV_INDEX_STRATEGY=${UV_INDEX_STRATEGY:-unsafe-best-match}
  UV_PYTHON_DOWNLOADS=${UV_PYTHON_DOWNLOADS:-never}
  # In an image without certificates uv uses its own.
  native=false
  if [ -e /etc/ssl/certs/ca-certificates.crt ]; then native=true; fi
  UV_NATIVE_TLS=${UV_NATIVE_TLS:-$native}
  export UV_PYTHON UV_INDEX_STRATEGY UV_PYTHON_DOWNLOADS UV_NATIVE_TLS
  if [ -n "$1" ]; then export SSL_CERT_FILE="${SSL_CERT_FILE:-$1}"; fi
}

install_with_pip() {
  run --pip "$@"
}

# install_with_uv CERTIFICATES [OPTION COMMAND]...
install_with_uv() {
  set_uv_variables "$1"
  shift
  run --get-uv "$@" && export TMPDIR="$uv_folder" && run --uv "$@"
}

# The certificates that pip is configured to trust, if any.
pip_certificates() {
  printf '%s\n' "$1" | sed -n "s/.*\.cert='\(.*\)'/\1/p" | tail -n 1
}

refuse_settings_that_decide() {
  if printf '%s\n' "$1" | grep -Eq "$deciding_settings" && ! env | grep -Eq "^$index_variables"; then
    echo "ERROR: $not_read_by_uv" >&2
    return 1
  fi
}

use_uv() {
  settings=$(pip_settings) || return
  set_indexes "$@"
  refuse_settings_that_decide "$settings" || return
  certificates=$(pip_certificates "$settings")
  set_pip_variables
  cd "$folder" || return
  install_with_uv "${certificates:-${REQUESTS_CA_BUNDLE:-}}" "$@"
}

use_either() {
  configured=$(configuration)
  set_indexes "$@"
  set_pip_variables
  cd "$folder" || return
  if [ -n "$configured" ]; then
    say 'pip installs the packages, since the base image configures pip or uv'
    install_with_pip "$@"
  # In a subshell: pip must not see the variables of uv.
  elif (install_with_uv "${REQUESTS_CA_BUNDLE:-}" "$@"); then
    say 'uv has installed the packages'
  else
    say 'uv can not install these packages: pip installs them'
    install_with_pip "$@"
  fi
}

use_pip() {
  set_indexes "$@"
  set_pip_variables
  cd "$folder" || return
  install_with_pip "$@"
}

installer=$1
shift
if [ "$installer" = pip ]; then
  use_pip "$@"
  exit
fi
python=$1
uv_folder=$2
shift 2
case $installer in
  uv) use_uv "$@" ;;
  auto) use_either "$@" ;;
  *)
    echo "ERROR: there is no installer '$installer'" >&2
    exit 2
    ;;
esac || exit
rm -rf "$uv_folder"
