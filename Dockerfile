# The admmbench tool on Debian 12: docker build -t admmbench . && docker run --rm -v "$PWD:/work" admmbench run first-run
FROM debian:bookworm-slim AS build
RUN apt-get update
WORKDIR /admmbench
COPY tools/bootstrap tools/bootstrap
RUN tools/bootstrap
COPY . .
RUN make package && mv build/package/admmbench_*.deb build/package/admmbench.deb

FROM debian:bookworm-slim
COPY --from=build /admmbench/build/package/admmbench.deb /tmp/
RUN apt-get update && apt-get install -y --no-install-recommends /tmp/admmbench.deb openmpi-bin && rm -rf /tmp/admmbench.deb /var/lib/apt/lists/*
# Downloaded data stay beside the results.
ENV ADMMBENCH_CACHE=/work/.cache/admmbench
WORKDIR /work
ENTRYPOINT ["admmbench"]
CMD ["--help"]
