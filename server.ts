import { serve } from "#lib/boot/serve";

// The entry of self-hosting: `npm start`, `npm run demo` and `npm run dev` run this file as dist/server.js.
await serve(process.argv.slice(2));
