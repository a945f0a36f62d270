export { Elasticsearch, type ElasticsearchArgs } from "./elasticsearch";
export type { SearchIndex } from "./search-index";
