import { projectRoot } from "#lib/config/project-root";
import { prepareNext } from "./next-app";
import { openSecretsOfParent } from "./open-secrets";
import { servePortal } from "./serve-portal";

// The portal's process, dist/portal.js, which `server.ts` starts in production.
servePortal(async (server, port) => {
  const next = prepareNext({ dev: false, root: projectRoot(), server, port });
  const [handler] = await Promise.all([next, openSecretsOfParent()]);
  return handler;
});
