import { createClient } from '../training/client/client';

/** The one connection of this page to its worker; every store talks through it. The worker starts with the first request. */
export const client = createClient();
