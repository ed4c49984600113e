# The service: ./polystream serve on a JRE. docs/service.md has how to run it; docker-compose.yml is an example.
#
# The launcher comes along, so the JVM's flags are those of everywhere else. It finds a build and no sources,
# and so needs neither Maven nor a directory that it can write to.

FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /opt/polystream
COPY . .
RUN ./polystream serve --version && rm -f .polystream/service/dist/*/classes-* .polystream/service/build.log

FROM eclipse-temurin:17-jre
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin polystream \
    && install -d -o polystream -g polystream /data
COPY --from=build /opt/polystream/polystream /opt/polystream/
COPY --from=build /opt/polystream/.polystream/service /opt/polystream/.polystream/service
# Has this Java archive the classes it will need: it starts faster with them.
RUN /opt/polystream/polystream serve --version \
    && test -s "/opt/polystream/.polystream/service/dist/$(cat /opt/polystream/.polystream/service/current)/classes-17.jsa"

# Files and the job store; all else may be read-only, but for /tmp, where native libraries are unpacked and run.
ENV EXPORT_DIR=/data/exports STORE_PATH=/data/polystream.db
VOLUME /data
EXPOSE 8080
USER polystream
WORKDIR /data

# curl is in the JRE's image. Whether it lives, and not whether it is ready: no restart brings a database back.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD curl -fsS -o /dev/null "http://${BIND_ADDRESS:-127.0.0.1}:${PORT:-8080}/health"

# The launcher ends with exec: SIGTERM reaches Java, which is process 1. 3 is out of memory: restart it.
# Nobody reaches the service from outside the container unless told so: -e BIND_ADDRESS=0.0.0.0 and --insecure.
ENTRYPOINT ["/opt/polystream/polystream", "serve"]
