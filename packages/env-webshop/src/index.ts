export {
  reward,
  type RewardReport,
  type RewardedGoal,
  type RewardedProduct,
} from './reward/reward.js';
export { attributeReward, type AttributeSource } from './reward/attribute-reward.js';
export {
  normalizeColor,
  optionReward,
  type GoalOption,
  type OptionReward,
} from './reward/option-reward.js';
export { typeReward, type TypedProduct, type TypeReward } from './reward/type-reward.js';
export { tableNouns, wordNouns, type NounExtractor } from './reward/nouns.js';
export { winkNouns } from './reward/wink-nouns.js';
export { tokenSetRatio } from './reward/token-set-ratio.js';
export { pythonRandom, type PythonRandom } from './python/python-random.js';
export { numpyRandom, type NumpyRandom } from './python/numpy-random.js';
export { memoryCatalogue, type Catalogue } from './catalogue/catalogue.js';
export { readCatalogue } from './catalogue/read-catalogue.js';
export type { CatalogueFiles } from './catalogue/data-files.js';
export { indexCatalogue } from './catalogue/index-catalogue.js';
export { writeCatalogueFiles } from './catalogue/write-catalogue-files.js';
export { openCatalogue } from './catalogue/disk-catalogue.js';
export { type ProductFacts } from './catalogue/product-facts.js';
export { jsonItems, type JsonItem } from './catalogue/json-items.js';
export { readPricing } from './catalogue/pricing.js';
export type { HumanInstruction, OptionGroup, Product } from './catalogue/product.js';
export { makeGoals, type GoalOptions, type ShopGoals } from './goals/make-goals.js';
export type { GoalKind } from './goals/draft-goals.js';
export type { Goal, GoalList } from './goals/goal.js';
export { GOAL_SPLITS, type GoalRange, type GoalSplits } from './goals/splits.js';
export { analyze } from './search/analyze.js';
export { buildSearchIndex, searchText, type SearchIndex } from './search/search-index.js';
export { searchEngine, type Hit, type SearchEngine } from './search/search.js';
export { openShop, type Shop, type ShopParts } from './shop/shop.js';
export { webshopEnvironment, type WebshopOptions, type WebshopState } from './shop/environment.js';
export { webshopBrief } from './shop/brief.js';
export { pageOf, type Clickable, type Page, type PageNode, type PageOptions } from './shop/page.js';
export { pageText, type ObservationMode } from './shop/page-text.js';
export { freshSession, type PageName, type Session, type SubPage } from './shop/session.js';
export { purchaseReward, visit } from './shop/visit.js';
export { parseAction, type ParsedAction } from './shop/parse-action.js';
export type { PromptFormat } from './shop/prompt-format.js';
export { mturkCode } from './shop/mturk-code.js';
export { verifyVectors, type VerifyContext, type VerifyReport } from './verify/verify-vectors.js';
export type { GroupReport } from './verify/report.js';
export { solveGoal } from './shop/solve-goal.js';
export {
  syntheticCatalogue,
  syntheticNouns,
  type SyntheticCatalogueOptions,
} from './generator/synthetic-catalogue.js';
export type { ProductDetail } from './generator/synthetic-product.js';
export { shopExpert, type ShopExpertOptions } from './expert/shop-expert.js';
export { readSearchIndex, saveSearchIndex, type SaveOptions } from './search/index-file.js';
export { shopSite, LONGEST_FORM, type ShopSite, type ShopSiteOptions } from './pages/site.js';
export type { SiteRequest, SiteResponse } from './pages/exchange.js';
export { episodesOfTree, readEpisodes, type Episode, type EpisodeTurn } from './pages/episode.js';
export { replayEpisode, type Replay, type ReplayMoment } from './pages/replay.js';
export { checkPurchase, type PurchaseCheck, type WishCheck } from './pages/reward-page.js';
export { checkData, type DataCounts } from './validate/check-data.js';
export type { DataProblem, DataProblemKind } from './validate/data-problem.js';
export { checkGoals, type GoalCheck, type WeakGoal } from './validate/check-goals.js';
