// Prints what each audit of GraphQL over HTTP says of the server at the address given, as JSON.
import { serverAudits } from "graphql-http";

const results = await Promise.all(serverAudits({ url: process.argv[2] }).map((audit) => audit.fn()));
const told = results.map(({ id, name, status, reason }) => ({ id, name, status, reason }));
// Bodies that no audit reads hold their connections open, and those would hold the process.
process.stdout.write(JSON.stringify(told), () => process.exit());
