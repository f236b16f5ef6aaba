#!/usr/bin/env bash
# AWS CLI version 2, which jobs and the cache CLI use.
set -euo pipefail

case "$ARCH" in
	x86_64) platform=x86_64 ;;
	arm64) platform=aarch64 ;;
	*) echo "ARCH is '$ARCH': x86_64 and arm64 are known" >&2; exit 1 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
curl -fsSL "https://awscli.amazonaws.com/awscli-exe-linux-$platform.zip" -o "$work/awscli.zip"
unzip -q "$work/awscli.zip" -d "$work"
"$work/aws/install" --update
aws --version
