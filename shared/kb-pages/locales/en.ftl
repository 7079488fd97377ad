skip = Skip to the content
search = Search
search-for = Search the help center
search-title = Search results
results = { $n ->
    [one] 1 article
   *[other] { $n } articles
}
nothing-title = Nothing found
nothing-text = Try fewer or other words, or browse the categories.
empty = There are no articles here yet.
categories = Categories
sections = Sections
articles = Articles
more = More
on-this-page = On this page
updated = Updated
language = Language
other-language = This article is not available in your language yet. You see another one.
not-public = Not public
home = Home
not-found-title = There is no such page
not-found-text = It may have moved. Search for it, or begin at the start page.
error-title = Something went wrong
error-text = Try again in a moment. If it happens again, tell us this number:
