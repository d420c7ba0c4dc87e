import { projectRoot } from "#lib/config/project-root";
import { prepareNext } from "./next-app";
import { servePortal } from "./serve-portal";

// The portal's process, dist/portal.js, which `server.ts` starts in production.
servePortal((server, port) => prepareNext({ dev: false, root: projectRoot(), server, port }));
