# One image for every process of the bridge; docker-compose.yml says which one a container runs.
FROM node:26-bookworm-slim AS build
WORKDIR /veilspan
COPY package.json package-lock.json .npmrc ./
COPY devnet/package.json devnet/
RUN npm install --ignore-scripts && npm rebuild node esbuild
COPY . .
RUN npm run prepare

FROM node:26-bookworm-slim
ENV NODE_ENV=production
WORKDIR /veilspan
COPY --from=build /veilspan ./
RUN mkdir /data && chown node /data
USER node
VOLUME /data
ENTRYPOINT ["node", "src/cli/veilspan.mjs"]
CMD ["--help"]
