#!/usr/bin/env bash
# Downloads Trino's server core and Hive plug-in from Maven Central into TRINO_HOME (452 MB, unpacked 354 MB), once.
# Needs mvn, tar and python3. The folder gets its name only when it is complete.
set -euo pipefail
version=476
home=${TRINO_HOME:-$(cd "$(dirname "$0")/../.." && pwd)/.cache/trino-$version}
[ -d "$home" ] && exit 0
part=$home.$$.part
trap 'rm -rf "$part"' EXIT
mkdir -p "$part/plugin"
for artifact in trino-server-core:$version:tar.gz trino-hive:$version:zip; do
  echo "trino: fetching ${artifact%%:*} $version" >&2
  mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dartifact="io.trino:$artifact" \
    -DoutputDirectory="$part" -Dmaven.repo.local="$part/repository" >&2
done
tar xzf "$part/trino-server-core-$version.tar.gz" -C "$part" --strip-components=1 --wildcards '*/lib/*'
python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])' \
  "$part/trino-hive-$version.zip" "$part/plugin"
mv "$part/plugin/trino-hive-$version" "$part/plugin/hive"
rm -rf "$part/repository" "$part"/*.tar.gz "$part"/*.zip
# If another process was faster, keep its copy.
[ -d "$home" ] || mv -T "$part" "$home"
