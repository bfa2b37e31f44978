# One image for every process of the bridge; docker-compose.yml says which one a container runs.
# Built with everything, run with what it needs: the second stage has no compiler, no tests and no development dependencies.
FROM node:26.10.0-bookworm-slim AS build
WORKDIR /veilspan
COPY package.json package-lock.json .npmrc ./
COPY devnet/package.json devnet/
RUN npm install --ignore-scripts && npm rebuild node esbuild
COPY . .
RUN npm run prepare

FROM node:26.10.0-bookworm-slim AS dependencies
WORKDIR /veilspan
COPY package.json package-lock.json .npmrc ./
COPY devnet/package.json devnet/
RUN npm install --ignore-scripts --omit=dev && npm rebuild node

FROM node:26.10.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /veilspan
COPY --from=dependencies /veilspan/node_modules ./node_modules
COPY --from=build /veilspan/package.json /veilspan/package-lock.json ./
COPY --from=build /veilspan/dist ./dist
COPY --from=build /veilspan/contracts-evm/out ./contracts-evm/out
COPY --from=build /veilspan/devnet ./devnet
COPY --from=build /veilspan/deploy ./deploy
COPY --from=build /veilspan/src ./src
# The runtime of the local world's Polkadot side.
COPY --from=build /veilspan/substrate/veilspan_runtime.compact.compressed.wasm ./substrate/
# What dist/relayer was built by: it is held to that.
COPY --from=build /veilspan/scripts/build-relayer.mjs /veilspan/scripts/bundling.mjs ./scripts/
RUN mkdir /data && chown node /data
USER node
VOLUME /data
# What is looked at is VEILSPAN_HEALTH of the container: a URL, a socket or a file.
HEALTHCHECK --interval=10s --timeout=5s --retries=3 --start-period=60s CMD ["node", "deploy/is-healthy.mjs"]
ENTRYPOINT ["node", "src/cli/veilspan.mjs"]
CMD ["--help"]
