# The Debian 12 packages that comesh needs: to build and run, and for `make check`.
PACKAGES_BUILD := build-essential pkg-config openssl python3 libzmq3-dev libczmq-dev \
                  libsodium-dev libmsgpack-dev libjansson-dev libsqlite3-dev nettle-dev libxxhash-dev libxml2-dev \
                  libqrencode-dev libmicrohttpd-dev libcurl4-openssl-dev libgnutls28-dev
PACKAGES_CHECK := check clang clang-format clang-tidy cppcheck libclang-rt-14-dev iso-codes \
                  python3-zmq python3-msgpack python3-nacl libxml2-utils curl wrk \
                  $(if $(shell command -v npm),,npm)
# From npm, for `make check`: judges of documents by the JSON Schema, and of the OpenAPI document.
PACKAGES_NPM := ajv@8.17.1 @redocly/cli@1.34.5
