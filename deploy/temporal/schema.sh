#!/bin/sh
# Brings Temporal's two databases to the schema of this image's server; on an up-to-date schema it changes nothing.
# Where: SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD.
set -eu

prepare() {
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-name "$2"
}
prepare temporal postgresql/v12/temporal
prepare temporal_visibility postgresql/v12/visibility
