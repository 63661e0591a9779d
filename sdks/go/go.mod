module github.com/segops/segops-go

go 1.19
