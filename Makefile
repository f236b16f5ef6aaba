# Every target works from a clean clone. `make build`, `make demo` and `make local-aws` need Go and make;
# `make test` needs a C compiler too, for the race detector; the others say what they miss.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOFLAGS_BUILD := -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)"
GOLANGCI_LINT ?= golangci-lint
GOLDEN := internal/template/testdata/golden
PORT ?= 5050

SCALER_ZIP := internal/asset/dist/scaler.zip
SCALER_SOURCES := $(shell find internal/scaler internal/semaphore internal/asset/build -name '*.go' -not -name '*_test.go') go.mod go.sum
NODE := packer/dist/node-x86_64.gz
NODE_SOURCES := $(shell find internal/node internal/semaphore internal/asset/build -name '*.go' -not -name '*_test.go') go.mod go.sum
SOURCES := $(shell find cmd internal packer -type f -not -name '*_test.go' -not -path '*/testdata/*' -not -path '*/dist/*')

.PHONY: all build test demo e2e lint generate check-generated local-aws bench clean

all: build

build: bin/semagent ## the binary, with the scaler's function and the instance program embedded

bin/semagent: $(SCALER_ZIP) $(NODE) $(SOURCES) go.mod go.sum
	CGO_ENABLED=0 go build $(GOFLAGS_BUILD) -o $@ ./cmd/semagent

$(SCALER_ZIP): $(SCALER_SOURCES)
	go run -buildvcs=false ./internal/asset/build

$(NODE): $(NODE_SOURCES)
	go run -buildvcs=false ./internal/asset/build -node

test: $(SCALER_ZIP) $(NODE) ## all tests, race detector on
	go test -race -timeout 15m ./...

demo: build ## the main job against an embedded local AWS: no account, no network
	CGO_ENABLED=0 go build $(GOFLAGS_BUILD) -o bin/demo ./internal/demo
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags lambda.norpc -o bin/scaler-host ./internal/scaler/lambda
	bin/demo -semagent bin/semagent -function bin/scaler-host

e2e: build ## the built binary against moto_server, and cfn-lint on every golden template
	./e2e/run

.PHONY: sweep
sweep: $(SCALER_ZIP) $(NODE) ## a fault at every call that deploy, diff and destroy make, one after the other
	out=$$(mktemp) && trap 'rm -f "$$out"' EXIT && \
	{ go test -count=1 -timeout 15m -run TestFaultAtEveryCall -v ./internal/cli -calls 1000 >"$$out" 2>&1 || { cat "$$out"; exit 1; }; } && \
	grep -E 'cases:|^ok' "$$out"

.PHONY: matrix
matrix: ## a sample of the pairwise matrix of settings, through cfn-lint
	dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	go test -count=1 -run TestPairwise ./internal/template -sample "$$dir" && cfn-lint "$$dir"/*.json

lint: check-generated
	$(GOLANGCI_LINT) run ./...
	$(GOLANGCI_LINT) fmt --diff ./...
	shellcheck -x -P packer .ci/run e2e/run e2e/replay bench/boot $$(git ls-files '*.sh' '*.bash')

generate: ## the documents that come from the code
	go run -buildvcs=false ./internal/docgen

check-generated:
	go run -buildvcs=false ./internal/docgen -check
	go mod tidy -diff

local-aws: ## serves the local AWS on 127.0.0.1:$(PORT) until interrupted
	go run -buildvcs=false ./internal/awsfake/cmd/local-aws -port $(PORT)

bench: build
	go test -run '^$$' -bench . -benchmem ./internal/template ./internal/scaler
	go run -buildvcs=false ./bench/commands
	./bench/boot
	go run -buildvcs=false ./bench/reaction
	go run -buildvcs=false ./bench/overhead -semagent bin/semagent

clean:
	rm -rf bin $(SCALER_ZIP) packer/dist/*.gz

PACKER_OS ?= ubuntu-focal
PACKER_ARCH ?= x86_64
PACKER_REGION ?= $(or $(AWS_REGION),us-east-1)

.PHONY: packer.validate packer.test packer.build

packer.validate: $(NODE) ## needs packer; plugins.pkr.hcl is left out, for packer before 1.7
	packer fmt -check packer
	dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	cp -r packer/ubuntu.pkr.hcl packer/scripts packer/files packer/dist "$$dir" && \
	for os in ubuntu-focal ubuntu-jammy ubuntu-noble; do for arch in x86_64 arm64; do \
		packer validate -var image_name=semagent-validate -var os=$$os -var arch=$$arch "$$dir" || exit 1; done; done

packer.test: ## needs bats: the recipe's scripts against stand-ins for apt and the others
	bats packer/test

packer.build: build ## needs packer 1.7 or newer and AWS credentials
	bin/semagent ami build --os $(PACKER_OS) --arch $(PACKER_ARCH) --region $(PACKER_REGION)
