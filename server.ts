import { serve } from "#lib/boot/serve";

// The entry point for self-hosting: `npm start`, `npm run demo` and `npm run dev` run it as dist/server.js.
await serve(process.argv.slice(2));
